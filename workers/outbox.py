"""Keeps what services promised (`config.outbox`): claim what is due, act, record what became of it.

A claim is a lease. Its end is also its mark: whoever finds another end in the row has lost the promise to
another worker and records nothing. So an act happens at least once, and its result is written exactly once.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true, update

from config import clock, telemetry
from config.database import session, transaction
from config.logging import log, on_behalf_of
from config.outbox import Promise
from workers import handlers
from workers.outcomes import GiveUp, reason

logger = log("outbox")

BATCH = 20
"""What one worker takes at once: few enough that the others share a backlog."""
LEASE_S = 60
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 15 * 60.0
RETURNED = (
    Promise.id, Promise.topic, Promise.payload, Promise.key, Promise.attempts, Promise.due_at, Promise.request_id
)  # fmt: skip
_jitter = random.SystemRandom()


@dataclass(frozen=True)
class Claimed:
    """A promise that this worker holds until `leased_until`."""

    id: UUID
    topic: str
    payload: dict[str, Any]
    key: str
    attempts: int
    due_at: datetime
    leased_until: datetime
    lease_s: int
    request_id: str | None


class LeaseLostError(Exception):
    """Another worker has taken the promise over: what this one did in its transaction must not count."""


def claim(topic: str | None = None, limit: int = 100, lease_s: int = LEASE_S) -> list[Claimed]:
    """Take up to `limit` due promises, of one topic or of all, for `lease_s` seconds each, oldest first."""
    now = clock.now()
    until = now + timedelta(seconds=lease_s)
    due = (
        select(Promise.id)
        .where(is_due(now), Promise.topic == topic if topic else true())
        .order_by(Promise.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(Promise)
        .where(Promise.id == due.c.id)
        .values(leased_until=until)
        .returning(*RETURNED)
        .execution_options(synchronize_session=False)
    )
    with transaction() as work:
        rows = work.execute(taken).all()
    return sorted((Claimed(**row._mapping, leased_until=until, lease_s=lease_s) for row in rows), key=_age)


def _age(claimed: Claimed) -> datetime:
    return claimed.due_at


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition that a promise waits for a worker at `now`: open, due, and in nobody's hands."""
    free = or_(Promise.leased_until.is_(None), Promise.leased_until <= now)
    return and_(Promise.done_at.is_(None), Promise.stuck_at.is_(None), Promise.due_at <= now, free)


def due_topics() -> list[str]:
    """The topics that have something due."""
    return list(session().scalars(select(Promise.topic).where(is_due(clock.now())).distinct()))


def keep(claimed: Claimed) -> bool:
    """Act on a claimed promise and record what became of it. True where it is done.

    What the handler leaves uncommitted commits together with the done mark, or not at all.
    """
    with on_behalf_of(claimed.request_id, topic=claimed.topic, promise=str(claimed.id)):
        return _kept(claimed)


def _kept(claimed: Claimed) -> bool:
    try:
        held = _begin(claimed)
    except LeaseLostError:
        return False
    try:
        with transaction():
            result = _act(held)
            _record(held, done_at=clock.now(), result=result, last_error=None)
    except LeaseLostError:
        return _lost(held)
    except Exception as error:  # whatever a handler raises, the promise must survive it
        _failed(held, error)
        return False
    logger.info("promise_kept")
    telemetry.promise(held.topic, "done", (clock.now() - held.due_at).total_seconds())
    return True


def _lost(held: Claimed) -> bool:
    logger.warning("promise_lost")
    telemetry.promise(held.topic, "lost")
    return False


def work_once(topic: str | None = None, limit: int = BATCH) -> int:
    """Claim one batch and act on each. Returns how many were claimed: 0 means that nothing is due."""
    claimed = claim(topic, limit)
    for one in claimed:
        keep(one)
    return len(claimed)


def drain(topic: str | None = None) -> int:
    """Work until nothing is due any more. Returns how many promises were acted on."""
    total = 0
    while count := work_once(topic):
        total += count
    return total


def backoff(attempts: int) -> timedelta:
    """The wait after the `attempts`-th failure: doubling from 1 s to 15 min, less up to half of it at random.

    The chance part keeps promises that failed together from coming back together.
    """
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=longest * _jitter.uniform(0.5, 1.0))


def _begin(claimed: Claimed) -> Claimed:
    """Count the attempt before it is made, so that one which kills its worker counts too, and renew the lease."""
    until = clock.now() + timedelta(seconds=claimed.lease_s)
    attempts = claimed.attempts + 1
    with transaction():
        _record(claimed, attempts=attempts, leased_until=until)
    return replace(claimed, attempts=attempts, leased_until=until)


def _act(held: Claimed) -> dict[str, Any]:
    topic = handlers.topic(held.topic)
    if held.attempts > topic.limit:
        raise GiveUp("its last worker did not live to say what happened")
    return topic.act(held.payload, held.key)


def _failed(held: Claimed, error: Exception) -> None:
    told, now = reason(error), clock.now()
    outcome: dict[str, Any] = {"last_error": told, "leased_until": None}
    if _is_hopeless(held, error):
        outcome["stuck_at"] = now
    else:
        outcome["due_at"] = now + backoff(held.attempts)
    become = "stuck" if "stuck_at" in outcome else "postponed"
    logger.warning("promise_failed", attempts=held.attempts, error=told, now=become)
    telemetry.promise(held.topic, become)
    try:
        with transaction():
            _record(held, **outcome)
    except LeaseLostError:
        _lost(held)


def _is_hopeless(held: Claimed, error: Exception) -> bool:
    return isinstance(error, GiveUp) or held.attempts >= handlers.topic(held.topic).limit


def _record(held: Claimed, **values: Any) -> None:
    """Change the row, in the running transaction, if it is still in our hands.

    Raises:
        LeaseLostError: it is not.
    """
    ours = (
        update(Promise)
        .where(Promise.id == held.id, Promise.leased_until == held.leased_until, Promise.done_at.is_(None))
        .values(**values)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    if session().scalar(ours) is None:
        raise LeaseLostError
