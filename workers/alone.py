"""Lets one process at a time do a periodic task, however many beats ask for it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

SWEEP = 7_317_101
HOUSEKEEPING = 7_317_102
KEYS = 7_317_103
ERASURE = 7_317_104
WEBHOOK_KEYS = 7_317_105
PROBES = 7_317_114
REMINDERS = 7_317_106


def is_alone(work: Session, task: int) -> bool:
    """Whether this transaction may do the task: it then holds PostgreSQL's advisory lock until it ends."""
    return bool(work.scalar(select(func.pg_try_advisory_xact_lock(task))))
