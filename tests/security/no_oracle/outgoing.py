"""What was promised to go out, address by address."""

from collections.abc import Sequence

from sqlalchemy import String, cast, func, select

from config.database import session
from config.mail.models import Mail
from config.outbox import Promise


def promised(recipients: Sequence[str]) -> dict[str, int]:
    """How many mails to each address stand in the outbox, kept by the workers or not; no address without one."""
    rows = session().execute(
        select(Mail.recipient, func.count())
        .join(Promise, Promise.payload["mail_id"].astext == cast(Mail.id, String))
        .where(Mail.recipient.in_(recipients))
        .group_by(Mail.recipient)
    )
    return {recipient: count for recipient, count in rows}
