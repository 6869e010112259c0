"""Keeps promises of the topic `mail.send`: make the mail, hand it over, record the answer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from config import clock
from config.database import session, transaction
from config.mail.models import Mail
from config.settings import settings
from workers.mail.kinds import KINDS
from workers.mail.rendering import UnwritableAddressError, compose
from workers.mail.transport import Answer, Deferred, courier
from workers.outcomes import GiveUp


def send(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Send `{"kind", "subject_id", "mail_id"}`. Returns `{"sent": bool}`: False where the mail has no purpose any
    more, or is refused for good (the mail's record then holds the server's reply).

    Raises:
        Deferred: the server does not take it now. Nothing secret has been made if it did not answer at all.
        GiveUp: there is no such kind of mail.
    """
    mail_id = UUID(payload["mail_id"])
    try:
        answer = _sent(payload["kind"], UUID(payload["subject_id"]), mail_id, key)
    except Deferred as later:
        with transaction():
            _record(mail_id, "deferred", str(later))
        raise
    if answer is None:
        return {"sent": False}
    _record(mail_id, "accepted" if answer.accepted else "refused", answer.reply)
    return {"sent": answer.accepted}


def _sent(kind: str, subject_id: UUID, mail_id: UUID, key: str) -> Answer | None:
    """The links of the mail are committed before it leaves: one that arrives must work."""
    if kind not in KINDS:
        raise GiveUp(f"no such kind of mail: {kind}")
    carrier = courier(settings().smtp_url)
    carrier.ready()
    with transaction():
        recipient, locale = _reader(mail_id)
        letter = KINDS[kind](subject_id, recipient)
    if letter is None:
        return None
    letter = replace(letter, locale=locale)
    try:
        return carrier.send(compose(letter, key, settings().mail_from))
    except UnwritableAddressError:
        return Answer(accepted=False, reply="no mail can be addressed to it")


def _reader(mail_id: UUID) -> tuple[str, str]:
    """The address and the language, as whoever promised the mail has said."""
    found = session().execute(select(Mail.recipient, Mail.locale).where(Mail.id == mail_id)).first()
    if found is None:
        raise GiveUp("no record of this mail")
    return found.recipient, found.locale


def _record(mail_id: UUID, state: str, reply: str) -> None:
    known = update(Mail).where(Mail.id == mail_id).execution_options(synchronize_session=False)
    session().execute(known.values(state=state, reply=reply, updated_at=clock.now()))
