"""Lanes: the way to each destination outside, with a circuit breaker, so that a dead one costs the others nothing.

A promise that leads to somebody else's server names its lane (`config.outbox.lane_to`). One worker at a time is on
a lane, so a destination that hangs holds one worker at most; and after a few calls without an answer the lane is open
for a while, in which nobody goes there. Then one promise is the trial: its answer closes the lane, or it opens for
longer. Promises in an open lane just wait: that is no attempt of theirs.

What is known of a lane stands in PostgreSQL, for all workers alike. A worker holds a lane by a lease, not by a
connection; who dies on it frees it when the lease ends.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, DateTime, Select, and_, bindparam, exists, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from config import clock
from config.database import session, transaction
from config.logging import log
from config.outbox import Lane, Promise
from workers.breaker import Breaker
from workers.outcomes import Unreachable, reason

logger = log("lanes")

HELD = timedelta(seconds=60)
"""Longer than any call (`config.outgoing.transport.WHOLE_S`)."""
RENEWED = HELD / 2
CANDIDATES = 20

NOW = bindparam("now", type_=DateTime(timezone=True))
"""The moment of which conditions speak, given when a statement runs: those that run often are built once."""
BLOCKED = exists().where(Lane.name == Promise.lane, or_(Lane.held_until > NOW, Lane.open_until > NOW))
"""The condition that a promise's lane is in use or open at `NOW`."""


@dataclass(frozen=True)
class Held:
    """A lane in this worker's hands until `until`."""

    name: str
    until: datetime
    breaker: Breaker


def take(topic: str | None, due: ColumnElement[bool]) -> Held | None:
    """A lane with something due of a topic (None: of any), the one that was served longest ago; None: there is none.

    `due`: the condition that a promise waits for a worker at `NOW`.
    """
    with transaction():
        for name in _waiting(topic, due):
            held = _take(name)
            if held is not None:
                return held
    return None


def leave(held: Held) -> None:
    """Free the lane."""
    with transaction():
        _change(held, held_until=None)


def answered(held: Held) -> Held:
    """The destination gave an answer, whatever it was: the lane is closed, and stays in our hands."""
    now = clock.now()
    if held.breaker == Breaker() and held.until - now > RENEWED:
        return held
    made = replace(held, until=now + HELD, breaker=held.breaker.after_answer())
    with transaction():
        _change(held, held_until=made.until, failures=0, open_until=None, last_error=None)
    if held.breaker.open_until is not None:
        logger.info("lane_closed", lane=held.name)
    return made


def troubled(held: Held, error: Unreachable) -> None:
    """The destination gave no answer: note it, and free the lane."""
    made = held.breaker.after_trouble(clock.now(), error.leave_for)
    noted = {"failures": made.failures, "open_until": made.open_until, "last_error": reason(error)}
    with transaction():
        _change(held, held_until=None, **noted)
    if made.state(clock.now()) == "open":
        logger.warning("lane_open", lane=held.name, failures=made.failures, error=noted["last_error"])


def give_up(held: Held, topic: str, patience: timedelta | None, error: Unreachable) -> int:
    """Set aside what has waited in a troubled lane for longer than its topic's patience: a person must look."""
    if patience is None:
        return 0
    now = clock.now()
    waited = (
        update(Promise)
        .where(Promise.lane == held.name, Promise.topic == topic, Promise.waits_since <= now - patience)
        .where(Promise.done_at.is_(None), Promise.stuck_at.is_(None))
        .values(stuck_at=now, last_error=reason(error), leased_until=None)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as work:
        count = len(work.execute(waited).all())
    if count:
        logger.warning("promises_stuck", lane=held.name, topic=topic, count=count, error=reason(error))
    return count


def _waiting(topic: str | None, due: ColumnElement[bool]) -> list[str]:
    wanted = _wanted(due, any_topic=topic is None)
    return [name for name in session().scalars(wanted, {"now": clock.now(), "topic": topic}) if name is not None]


@cache
def _wanted(due: ColumnElement[bool], *, any_topic: bool) -> Select[str | None]:
    served = select(Lane.taken_at).where(Lane.name == Promise.lane).scalar_subquery()
    return (
        select(Promise.lane)
        .where(due, Promise.lane.is_not(None), true() if any_topic else Promise.topic == bindparam("topic"))
        .group_by(Promise.lane)
        .order_by(served.nulls_first(), func.min(Promise.due_at))
        .limit(CANDIDATES)
    )


def _take(name: str) -> Held | None:
    """Of two workers that want it at once, one gets it."""
    now = clock.now()
    until = now + HELD
    free = and_(
        or_(Lane.held_until.is_(None), Lane.held_until <= now), or_(Lane.open_until.is_(None), Lane.open_until <= now)
    )
    statement = (
        insert(Lane)
        .values(name=name, taken_at=now, held_until=until, failures=0)
        .on_conflict_do_update(index_elements=["name"], set_={"taken_at": now, "held_until": until}, where=free)
        .returning(Lane.failures, Lane.open_until)
    )
    row = session().execute(statement).one_or_none()
    return Held(name, until, Breaker(row.failures, row.open_until)) if row else None


def _change(held: Held, **values: object) -> None:
    """Change the row if it is still in our hands: whoever outlived the lease says nothing any more."""
    ours = update(Lane).where(Lane.name == held.name, Lane.held_until == held.until)
    session().execute(ours.values(**values).execution_options(synchronize_session=False))
