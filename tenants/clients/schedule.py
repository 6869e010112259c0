"""Which syndics' keys are due: for the workers, a batch at a time."""

import hashlib
import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from config import clock
from config.database import session
from tenants.clients import lifetimes
from tenants.clients.models import SigningKey
from tenants.syndics.models import Syndic

PERIOD = timedelta(days=90)
JITTER = timedelta(days=10)


def age_limit(syndic_id: uuid.UUID) -> timedelta:
    """The age at which this syndic's keys are followed: always the same for one, between 80 and 100 days for all.

    So thousands of syndics do not rotate on one day, even where all were onboarded on one.
    """
    spread = int.from_bytes(hashlib.sha256(syndic_id.bytes).digest()[:4]) / 2**32
    return PERIOD + (2 * spread - 1) * JITTER


def to_rotate(limit: int) -> list[tuple[uuid.UUID, list[str]]]:
    """Up to `limit` active syndics with the algorithms whose newest key is past its age, the longest overdue first."""
    now, newest = clock.now(), func.max(SigningKey.signs_from).label("newest")
    rows = session().execute(
        select(SigningKey.syndic_id, SigningKey.alg, newest)
        .join(Syndic, Syndic.id == SigningKey.syndic_id)
        .where(Syndic.status == "active", SigningKey.revoked_at.is_(None))
        .group_by(SigningKey.syndic_id, SigningKey.alg)
        .having(newest <= now - (PERIOD - JITTER))
    )
    due: dict[uuid.UUID, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.newest + age_limit(row.syndic_id)):
        if row.newest + age_limit(row.syndic_id) <= now:
            due.setdefault(row.syndic_id, []).append(row.alg)
    return list(due.items())[:limit]


def to_tidy(limit: int) -> list[uuid.UUID]:
    """Up to `limit` syndics with keys for `keys.tidy`."""
    now = clock.now()
    erased, forgotten = now - lifetimes.ERASED_AFTER, now - lifetimes.FORGOTTEN_AFTER
    key = aliased(SigningKey)
    follower = aliased(SigningKey)

    def followed(before: object) -> ColumnElement[bool]:
        """`lifetimes.with_ends`, in SQL."""
        return exists().where(
            follower.syndic_id == key.syndic_id,
            follower.alg == key.alg,
            tuple_(follower.signs_from, follower.id) > tuple_(key.signs_from, key.id),
            or_(follower.revoked_at.is_(None), follower.revoked_at > follower.signs_from),
            follower.signs_from <= before,
        )

    worn = or_(key.private_key.is_not(None) & followed(erased), followed(forgotten), key.revoked_at <= forgotten)
    return list(session().scalars(select(key.syndic_id).where(worn).distinct().limit(limit)))
