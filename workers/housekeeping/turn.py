"""A turn of housekeeping: one step of each kind after the other, so that one long backlog starves no other table."""

import time
from dataclasses import dataclass
from datetime import datetime

from config import clock
from config.logging import log
from workers.housekeeping import attempts, sessions, steps, tombstones
from workers.housekeeping.rules import RULES
from workers.housekeeping.steps import Step
from workers.outcomes import reason

logger = log("housekeeping")

BUDGET_S = 20.0
"""How long a worker is away from its promises: shorter than the time after which the queue takes it for dead."""

STEPS: dict[str, Step] = {
    "attempts.expire": attempts.expire,
    "attempts.strip": attempts.strip,
    "attempts.forget": attempts.forget,
    "sessions.look": sessions.look,
    **{model.__tablename__: steps.deletion(model, condition) for model, condition in RULES},
    "tombstones.purge": tombstones.purge,
}


@dataclass(frozen=True)
class Tidied:
    """What a turn has done: rows by step; and whether it has come to the end of everything."""

    rows: dict[str, int]
    finished: bool

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def tidy(budget_s: float = BUDGET_S) -> Tidied:
    """Let everything leave whose time is over, until nothing is left or the time is spent.

    May be killed at any moment, and run any number of times at once.
    """
    now, begun = clock.now(), time.monotonic()
    rows: dict[str, int] = {}
    left = dict(STEPS)
    while left and time.monotonic() - begun < budget_s:
        for name in list(left):
            count = _taken(name, now)
            if count == 0:
                del left[name]
            else:
                rows[name] = rows.get(name, 0) + count
    if rows:
        logger.info("tidied", finished=not left, **rows)
    return Tidied(rows, finished=not left)


def _taken(name: str, now: datetime) -> int:
    """One step. What goes wrong in one table keeps nothing in the others: it is logged, and tried again in an hour."""
    try:
        return steps.take(STEPS[name], now)
    except Exception as error:
        logger.warning("tidying_failed", step=name, error=reason(error))
        return 0
