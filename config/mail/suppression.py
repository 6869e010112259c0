"""Addresses to which nothing is tried for a while: their mailbox has returned a mail for good, or complained.

Whoever asks for a mail is answered as ever: the worker finds the address here, and the mail is `refused` without a
server having been asked.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from config import clock, secrets
from config.database import session
from config.mail.models import MailSuppression
from config.settings import settings

LENGTH = timedelta(days=30)


def suppress(recipient: str, reason: str) -> None:
    """Send nothing to this canonical address for thirty days from now. `reason`: `bounce` or `complaint`."""
    now = clock.now()
    values = {"reason": reason, "since": now, "until": now + LENGTH}
    row = insert(MailSuppression).values(name=_name(recipient), **values)
    session().execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def lift(*recipients: str) -> bool:
    """Send to them again: the owner has shown the mailbox, or an operator knows better. False: nothing stood there."""
    names = [_name(recipient) for recipient in recipients]
    gone = delete(MailSuppression).where(MailSuppression.name.in_(names)).returning(MailSuppression.name)
    return bool(session().scalars(gone).all())


def of_address(recipient: str) -> MailSuppression | None:
    """What keeps mail from this address now; None: nothing does."""
    found = session().get(MailSuppression, _name(recipient), populate_existing=True)
    return found if found is not None and found.until > clock.now() else None


def living(now: datetime) -> list[MailSuppression]:
    """All that stand at `now`, newest first."""
    wanted = select(MailSuppression).where(MailSuppression.until > now).order_by(MailSuppression.since.desc())
    return list(session().scalars(wanted))


def _name(recipient: str) -> bytes:
    return secrets.keyed(settings().keys.name_key, "mail-suppressed", recipient)
