"""Keeps what services promised (`config.outbox`): claim what is due (`leases`), act, record what became of it."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from config import clock, telemetry
from config.database import transaction
from config.logging import log, on_behalf_of
from workers import handlers, lanes, leases, pacing
from workers.leases import Claimed, LeaseLostError
from workers.outcomes import GiveUp, Retry, Unreachable, reason

logger = log("outbox")

BATCH = 20
"""What one worker takes at once: few enough that the others share a backlog."""
TURN_S = 5.0
"""How long a worker stays on one lane where others may wait: the call under way comes on top."""
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 15 * 60.0
_jitter = random.SystemRandom()


def keep(claimed: Claimed) -> bool:
    """Act on a claimed promise and record what became of it. True where it is done.

    What the handler leaves uncommitted commits together with the done mark, or not at all.
    """
    return _attempt(claimed) is None


def work_once(topic: str | None = None, limit: int = BATCH, call_others: Callable[[], object] = bool) -> int:
    """Claim one batch and act on each, and then have one turn on one lane.

    `call_others` is called before that turn, which may take seconds: other lanes are free for other workers.
    Returns how many promises were claimed: 0 means that nothing is due.
    """
    claimed = leases.claim(topic, limit)
    for one in claimed:
        keep(one)
    return len(claimed) + _work_lane(topic, call_others)


def _work_lane(topic: str | None, call_others: Callable[[], object]) -> int:
    """One turn on one lane, a promise at a time, until nothing is left, the time is up or there is trouble."""
    held = lanes.take(topic, leases.DUE)
    if held is None:
        return 0
    call_others()
    count, begun = 0, time.monotonic()
    while time.monotonic() - begun < TURN_S and (claimed := leases.claim(topic, 1, lane=held.name)):
        count += 1
        error = _attempt(claimed[0])
        if isinstance(error, LeaseLostError):
            break
        if isinstance(error, Unreachable):
            lanes.troubled(held, error)
            lanes.give_up(held, claimed[0].topic, handlers.topic(claimed[0].topic).patience, error)
            return count
        held = lanes.answered(held)
    lanes.leave(held)
    return count


def _attempt(claimed: Claimed) -> Exception | None:
    """Act on a claimed promise and record what became of it. The error, if there was one, is recorded already."""
    with on_behalf_of(claimed.request_id, topic=claimed.topic, promise=str(claimed.id)):
        return _attempted(claimed)


def _attempted(claimed: Claimed) -> Exception | None:
    try:
        held = _begin(claimed)
    except LeaseLostError as lost:
        return lost
    try:
        with transaction():
            result = _act(held)
            leases.record(held, done_at=clock.now(), result=result, last_error=None)
    except LeaseLostError as lost:
        _lost(held)
        return lost
    except Exception as error:  # whatever a handler raises, the promise must survive it
        _failed(held, error)
        return error
    logger.info("promise_kept")
    telemetry.promise(held.topic, "done", (clock.now() - held.due_at).total_seconds())
    return None


def _lost(held: Claimed) -> None:
    logger.warning("promise_lost")
    telemetry.promise(held.topic, "lost")


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
    begun = time.monotonic()
    with transaction():
        leases.record(claimed, attempts=attempts, leased_until=until)
    pacing.pace.took(time.monotonic() - begun)
    return replace(claimed, attempts=attempts, leased_until=until)


def _act(held: Claimed) -> dict[str, Any]:
    topic = handlers.topic(held.topic)
    if held.attempts > topic.limit:
        raise GiveUp("its last worker did not live to say what happened")
    return topic.act(held.payload, held.key)


def _failed(held: Claimed, error: Exception) -> None:
    told, now = reason(error), clock.now()
    outcome: dict[str, Any] = {"last_error": told, "leased_until": None}
    if _is_hopeless(held, error, now):
        outcome["stuck_at"] = now
    else:
        outcome["due_at"] = now + backoff(held.attempts)
    become = "stuck" if "stuck_at" in outcome else "postponed"
    logger.warning("promise_failed", attempts=held.attempts, error=told, now=become)
    telemetry.promise(held.topic, become)
    try:
        with transaction():
            leases.record(held, **outcome)
    except LeaseLostError:
        _lost(held)


def _is_hopeless(held: Claimed, error: Exception, now: datetime) -> bool:
    if isinstance(error, GiveUp):
        return True
    topic = handlers.topic(held.topic)
    sooner = error.limit if isinstance(error, Retry) else None
    over = topic.patience is not None and held.waits_since <= now - topic.patience
    return over or held.attempts >= min(topic.limit, sooner or topic.limit)
