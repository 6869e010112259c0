"""Tombstones of retired secrets, for as long as their syndic keeps them (DESIGN section 3).

Afterwards nobody is told any more that this very secret is retired (JOURNEYS B12): who types it is answered as by a
wrong one, and finds the help. Those of re-issued secrets stay: they keep a former secret from ever working again (I6).
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from workers.housekeeping import steps

_PURGE = text(
    """
WITH batch AS (
    SELECT old.id FROM syndics s CROSS JOIN LATERAL (
        SELECT a.id FROM legacy_accounts a
        WHERE a.syndic_id = s.id AND a.tombstone IS NOT NULL AND a.disabled_at IS NOT NULL
          AND a.disabled_at <= :now - make_interval(days => s.tombstone_days::int)
        ORDER BY a.disabled_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ) old LIMIT :batch
)
UPDATE legacy_accounts SET tombstone = NULL WHERE id = ANY (ARRAY(SELECT id FROM batch)) RETURNING id
"""
)


def purge(work: Session, now: datetime) -> int:
    """Erase the tombstones that have stood for longer than their syndic says. Returns how many."""
    return len(work.execute(_PURGE, {"now": now, "batch": steps.BATCH}).all())
