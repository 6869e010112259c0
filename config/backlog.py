"""What operators and monitoring see of the outbox, and the second chance that operators give by hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from config import clock, outbox
from config.database import session, statements
from config.errors import NotFound
from config.outbox import Promise


@dataclass(frozen=True)
class Waiting:
    """A promise that is not done yet. Its payload is left out: operators need the error."""

    id: UUID
    topic: str
    created_at: datetime
    due_at: datetime
    attempts: int
    last_error: str | None
    stuck_at: datetime | None


@dataclass(frozen=True)
class Waits:
    """The open promises of one topic."""

    topic: str
    waiting: int
    oldest_s: float
    """For how long the oldest one that is due has waited; 0: none is due."""
    stuck: int


_LANES = """
SELECT split_part(name, ':', 1) AS purpose, count(*) FILTER (WHERE open_until > %(now)s) AS open,
       count(*) FILTER (WHERE open_until <= %(now)s) AS half_open
FROM lanes GROUP BY 1 ORDER BY 1
"""
_BACKLOG = """
WITH open AS (
    SELECT topic, count(*) AS waiting, min(due_at) AS oldest FROM outbox
    WHERE done_at IS NULL AND stuck_at IS NULL GROUP BY topic
), stuck AS (
    SELECT topic, count(*) AS stuck FROM outbox WHERE done_at IS NULL AND stuck_at IS NOT NULL GROUP BY topic
)
SELECT coalesce(open.topic, stuck.topic) AS topic, coalesce(waiting, 0) AS waiting, coalesce(stuck, 0) AS stuck,
       greatest(0, coalesce(extract(epoch FROM %(now)s - oldest), 0))::float AS oldest_s
FROM open FULL JOIN stuck ON open.topic = stuck.topic ORDER BY 1
"""


@dataclass(frozen=True)
class Resting:
    """A destination that gave no answer and is left alone (`config.outbox.Lane`)."""

    lane: str
    until: datetime
    """A trial follows: past, it is on its way."""
    last_error: str | None
    waiting: int


_RESTING = """
SELECT name AS lane, open_until AS until, last_error, (
    SELECT count(*) FROM outbox WHERE outbox.lane = lanes.name AND done_at IS NULL AND stuck_at IS NULL
) AS waiting
FROM lanes WHERE open_until IS NOT NULL ORDER BY open_until DESC LIMIT %(limit)s
"""


def resting(limit: int = 100) -> list[Resting]:
    """The destinations that are left alone, in one statement."""
    with statements() as sql:
        rows = sql.execute(_RESTING, {"limit": limit}).fetchall()
    return [Resting(**row) for row in rows]


def by_topic() -> list[Waits]:
    """How much waits, by topic, in one statement."""
    with statements() as sql:
        rows = sql.execute(_BACKLOG, {"now": clock.now()}).fetchall()
    return [Waits(**row) for row in rows]


def lanes() -> list[tuple[str, str, int]]:
    """How many lanes to outside are left alone (`open`) or on trial (`half-open`): (purpose, state, count)."""
    with statements() as sql:
        rows = sql.execute(_LANES, {"now": clock.now()}).fetchall()
    return [(row["purpose"], state, row[state.replace("-", "_")]) for row in rows for state in ("open", "half-open")]


def listing(*, stuck_only: bool, limit: int = 100) -> list[Waiting]:
    """The oldest promises that are not done, or of them those whose retries are used up."""
    columns = (Promise.id, Promise.topic, Promise.created_at, Promise.due_at, Promise.attempts)
    wanted = select(*columns, Promise.last_error, Promise.stuck_at).where(Promise.done_at.is_(None))
    if stuck_only:
        wanted = wanted.where(Promise.stuck_at.is_not(None))
    rows = session().execute(wanted.order_by(Promise.created_at).limit(limit))
    return [Waiting(*row) for row in rows]


def retry(promise_id: UUID) -> None:
    """Give a stuck promise all its attempts again, from now on, in the caller's transaction. The error stays seen.

    Raises:
        NotFound: there is no such promise, or it is not stuck.
    """
    if not outbox.free([promise_id]):
        raise NotFound(f"no stuck promise {promise_id}")


def retry_topic(topic: str) -> int:
    """The same for all that are stuck of a topic. Returns how many there were."""
    stuck = select(Promise.id).where(Promise.topic == topic, Promise.stuck_at.is_not(None), Promise.done_at.is_(None))
    return len(outbox.free(session().scalars(stuck).all()))
