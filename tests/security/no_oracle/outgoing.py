"""What was promised to go out, address by address; and taking it back, so that nobody sends thousands of mails."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, delete, func, select

from config.database import session
from config.mail.models import Mail
from config.mail.service import TOPIC
from config.outbox import Promise


def promised(recipients: Sequence[str]) -> dict[str, int]:
    """How many mails to each address stand in the outbox, kept by the workers or not; no address without one."""
    rows = session().execute(
        select(Mail.recipient, func.count().label("mails"))
        .join(Promise, Promise.payload["mail_id"].astext == cast(Mail.id, String))
        .where(Mail.recipient.in_(recipients))
        .group_by(Mail.recipient)
    )
    return {row.recipient: row.mails for row in rows}


def forget(recipients: Sequence[str]) -> None:
    """Take back what was promised to these addresses."""
    theirs = select(cast(Mail.id, String)).where(Mail.recipient.in_(recipients))
    session().execute(delete(Promise).where(Promise.payload["mail_id"].astext.in_(theirs)))


def forget_since(began: datetime) -> None:
    """Take back every mail that was promised since then and has not gone out."""
    session().execute(
        delete(Promise).where(Promise.topic == TOPIC, Promise.created_at >= began, Promise.done_at.is_(None))
    )
