"""A turn of erasures: a bounded batch of each step, safe to repeat, one process at a time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select

from broker.identities.addresses.models import AddressChange
from broker.identities.models import Identity
from config import clock
from config.database import session, transaction
from workers.alone import ERASURE, is_alone
from workers.erasure.closing import close
from workers.erasure.forgetting import forget

BATCH = 20
TOLD = timedelta(days=1)
"""Between the two steps: as long as an extranet that does not answer is told of a logout."""


def turn() -> int:
    """Close whose thirty days are over, and forget who was closed a day ago. Returns how many were forgotten."""
    now = clock.now()
    with transaction() as work:
        if is_alone(work, ERASURE):
            close(_batch(_is_due(now)))
    with transaction() as work:
        if not is_alone(work, ERASURE):
            return 0
        due = _batch(_is_over(now))
        if due:
            forget(due)
        return len(due)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Past its date, and no former address may take back a change: an intruder may have asked for both."""
    revertable = exists().where(
        AddressChange.identity_id == Identity.id,
        AddressChange.state == "confirmed",
        AddressChange.revert_until > now,
    )
    return (Identity.erase_at <= now) & Identity.closed_at.is_(None) & ~revertable


def _is_over(now: datetime) -> ColumnElement[bool]:
    return Identity.closed_at <= now - TOLD


def _batch(condition: ColumnElement[bool]) -> list[Identity]:
    wanted = select(Identity).where(condition).order_by(Identity.erase_at).limit(BATCH)
    return list(session().scalars(wanted.with_for_update(skip_locked=True)))
