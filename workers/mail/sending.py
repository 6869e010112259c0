"""Keeps promises of the topic `mail.send`: make the mail, hand it over, record the answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.database import session, transaction
from config.mail import return_path, states, suppression
from config.mail.models import Mail
from config.settings import settings
from workers.mail import usefulness
from workers.mail.kinds import KINDS, Kind
from workers.mail.rendering import UnwritableAddressError, compose, mailbox
from workers.mail.transport import Deferred, courier
from workers.outcomes import GiveUp, Retry

TRIES = 2000
"""More than fit into the week after which every mail has lapsed: a mail is never stuck because a server was down."""


UPGRADE_TRIES = 20
"""Over some two hours: a kind that only a newer program knows is left to it, while the service is upgraded."""


@dataclass(frozen=True)
class Record:
    """What stands in the mail's record."""

    id: UUID
    kind: str
    subject_id: UUID
    recipient: str
    locale: str
    state: str
    reply: str | None
    created_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of it: a state (`config.mail.states`) and why."""

    state: str
    reply: str | None


def send(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Send `{"mail_id"}`, a UUID as text. Returns `{"sent": bool}`: False where the mail is of no use any more, or is
    refused for good (its record then holds the server's reply).

    Raises:
        Deferred: no server takes it now. Nothing secret has been made if none has taken its recipient.
        Retry: this program knows no such kind of mail.
        GiveUp: there is no record of it.
    """
    mail = _record(UUID(payload["mail_id"]))
    if mail.state not in states.OPEN:  # it came back, or was taken by a server whose answer another worker has heard
        return {"sent": mail.state in ("accepted", "bounced")}
    try:
        outcome = _outcome(mail, key)
    except Deferred as later:
        with transaction():
            states.move(mail.id, "deferred", str(later))
        raise
    states.move(mail.id, outcome.state, outcome.reply)
    return {"sent": outcome.state == "accepted"}


def _outcome(mail: Record, key: str) -> Outcome:
    kind = _kind(mail.kind)
    if clock.now() >= usefulness.ends_at(mail.kind, mail.created_at):
        return Outcome("lapsed", f"of no more use; the last answer: {mail.reply}")
    spared = suppression.of_address(mail.recipient)
    if spared is not None:
        return Outcome("refused", f"not tried until {spared.until:%Y-%m-%d}: {spared.reason}")
    return _handed_over(mail, kind, key)


def _handed_over(mail: Record, kind: Kind, key: str) -> Outcome:
    sender = mailbox(parseaddr(settings().mail_from)[1])
    try:
        recipient = mailbox(mail.recipient)
    except UnwritableAddressError:
        return Outcome("refused", "no mail can be addressed to it")
    session().rollback()  # no transaction stays open while a server is waited for
    carrier = courier(settings().smtp_url)
    answer = carrier.send(return_path.of_mail(mail.id) or sender, recipient, lambda: _written(mail, kind, key))
    if answer is None:
        return Outcome("lapsed", "of no more use")
    return Outcome("accepted" if answer.accepted else "refused", answer.reply)


def _written(mail: Record, kind: Kind, key: str) -> EmailMessage | None:
    """The message; None where it has no purpose any more. Its links are committed before it leaves: one that arrives
    must work."""
    with transaction():
        letter = kind(mail.subject_id, mail.recipient)
    if letter is None:
        return None
    return compose(replace(letter, email=mail.recipient, locale=mail.locale), key, settings().mail_from)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Retry(f"no such kind of mail: {name}", limit=UPGRADE_TRIES)
    return KINDS[name]


def _record(mail_id: UUID) -> Record:
    columns = (
        Mail.id,
        Mail.kind,
        Mail.subject_id,
        Mail.recipient,
        Mail.locale,
        Mail.state,
        Mail.reply,
        Mail.created_at,
    )
    found = session().execute(select(*columns).where(Mail.id == mail_id)).first()
    if found is None:
        raise GiveUp("no record of this mail")
    return Record(*found)
