"""What operators see of the outbox, and the second chance that they give by hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from config import outbox
from config.database import session
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
