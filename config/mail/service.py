"""Promising a mail: its record and its promise, with the caller's transaction."""

import uuid

from config import clock
from config.database import new_id, session
from config.mail.models import Mail
from config.outbox import promise

TOPIC = "mail.send"


def post(recipient: str, kind: str, subject_id: uuid.UUID, locale: str, key: str) -> None:
    """Record a mail and promise its sending; the same kind and key once only.

    Nothing secret is kept: links and codes are made by the worker at sending. `subject_id` is what the mail is
    about.
    """
    now, mail_id = clock.now(), new_id()
    payload = {"kind": kind, "subject_id": str(subject_id), "mail_id": str(mail_id)}
    if promise(TOPIC, payload, f"{TOPIC}:{kind}:{key}") is None:
        return
    session().add(
        Mail(
            id=mail_id,
            kind=kind,
            recipient=recipient,
            subject_id=subject_id,
            locale=locale,
            state="queued",
            created_at=now,
            updated_at=now,
        )
    )
