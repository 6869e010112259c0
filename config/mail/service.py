"""Promising a mail: its record and its promise, with the caller's transaction."""

import uuid

from sqlalchemy import delete, select

from config import clock, telemetry
from config.database import new_id, session
from config.logging import log
from config.mail import caps
from config.mail.models import Mail
from config.outbox import Promise, promise

TOPIC = "mail.send"
LISTED = 100
_log = log("mail")


def post(
    recipient: str,
    kind: str,
    subject_id: uuid.UUID,
    locale: str,
    key: str,
    *,
    asked_from: str | None = None,
    syndic_id: uuid.UUID | None = None,
) -> bool:
    """Record a mail and promise its sending; the same kind and key once only.

    Nothing secret is kept: links and codes are made by the worker at sending. `recipient` is canonical, `subject_id`
    is what the mail is about, `locale` its reader's language. `asked_from` is the network of whoever makes it go out
    without having proved that the mailbox is theirs; leave it out for what tells an owner of something that happened.
    `syndic_id`: on whose behalf, if on anybody's.

    Returns False where a cap is reached (`config.mail.caps`) and nothing is promised.
    """
    now, mail_id = clock.now(), new_id()
    payload = {"kind": kind, "subject_id": str(subject_id), "mail_id": str(mail_id)}
    promised = promise(TOPIC, payload, f"{TOPIC}:{kind}:{key}")
    if promised is None:
        return True
    if not caps.takes(recipient, asked_from, syndic_id):
        session().execute(delete(Promise).where(Promise.id == promised))
        _log.warning("mail_capped", mail_kind=kind, asked=asked_from is not None)
        return False
    session().add(
        Mail(
            id=mail_id,
            kind=kind,
            recipient=recipient,
            subject_id=subject_id,
            locale=locale,
            network=asked_from,
            syndic_id=syndic_id,
            state="queued",
            created_at=now,
            updated_at=now,
        )
    )
    telemetry.mail("queued")
    return True


def newest_state(subject_id: uuid.UUID, kind: str) -> str:
    """What became of the newest mail of a kind about that; `queued` where there is none yet."""
    about = select(Mail.state).where(Mail.subject_id == subject_id, Mail.kind == kind)
    return session().scalar(about.order_by(Mail.created_at.desc()).limit(1)) or "queued"


def newest(state: str | None = None, recipient: str | None = None, limit: int = LISTED) -> list[Mail]:
    """The records of the newest mails, newest first: in one state, to one canonical address, or all."""
    wanted = select(Mail).order_by(Mail.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Mail.state == state)
    if recipient is not None:
        wanted = wanted.where(Mail.recipient == recipient)
    return list(session().scalars(wanted))
