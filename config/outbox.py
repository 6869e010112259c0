"""The outbox: work that must happen after the answer, promised in the transaction of the change itself.

The rows are the truth; a message on the queue is only a hint to look. `workers.outbox` keeps the promises.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Index, event, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from config import clock
from config.database import Base, Keyed, Scope, new_id, session
from config.logging import log, request_id

WAKE = "outbox_topics_to_wake"
_log = log("outbox")


class Promise(Keyed, Base):
    """One promised act. Done when `done_at` is set; `stuck_at`: retries are used up, a person must look."""

    __tablename__ = "outbox"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        Index("ix_outbox_due", "topic", "due_at", postgresql_where=text("done_at IS NULL AND stuck_at IS NULL")),
        Index(
            "ix_outbox_lane",
            "lane",
            "due_at",
            postgresql_where=text("lane IS NOT NULL AND done_at IS NULL AND stuck_at IS NULL"),
        ),
        Index("ix_outbox_stuck", "topic", postgresql_where=text("done_at IS NULL AND stuck_at IS NOT NULL")),
    )

    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(unique=True)
    lane: Mapped[str | None]
    """Where the act leads, if to somebody else's server (`lane_to`): one worker at a time goes there."""
    after_id: Mapped[uuid.UUID | None]
    """The promise that must be done, or given up, before this one's turn comes."""
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    waits_since: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it was first due, or freed by hand: its topic's patience counts from here."""
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    stuck_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None]
    """Of the request that promised it: log lines of web and worker are read together by it."""


class Lane(Base):
    """The way to one destination: who is on it now, and whether it is left alone because nothing comes back.

    A row is made when a worker first goes there. `workers.lanes` keeps it.
    """

    __tablename__ = "lanes"
    __scope__ = Scope.GLOBAL

    name: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    """A worker is on its way until then; null: nobody is."""
    failures: Mapped[int] = mapped_column(default=0)
    """Calls in a row that brought no answer."""
    open_until: Mapped[datetime | None]
    """Left alone until then."""
    last_error: Mapped[str | None]


@dataclass(frozen=True)
class Wish:
    """An act to promise. `due_at`: not before then; `lane` and `after_id` as in `Promise`."""

    payload: dict[str, Any]
    due_at: datetime | None = None
    lane: str | None = None
    after_id: uuid.UUID | None = None


def lane_to(purpose: str, syndic_id: uuid.UUID, address: str = "") -> str:
    """The name of the lane to a syndic's server: one for each purpose, syndic, and host with its port.

    Purposes share none: webhooks that crawl must not keep a logout waiting.
    """
    return f"{purpose}:{syndic_id}:{urlsplit(address).netloc.lower()}"


def promise(
    topic: str, payload: dict[str, Any], key: str, due_at: datetime | None = None, lane: str | None = None
) -> uuid.UUID | None:
    """Promise an act with the caller's transaction. The same key a second time promises nothing new.

    `payload` holds ids only: whatever is secret is made by the worker when it acts.
    Returns the promise's id, or None where the key had been promised before.
    """
    return promise_all(topic, {key: Wish(payload, due_at, lane)}).get(key)


def promise_all(topic: str, wishes: Mapping[str, Wish | dict[str, Any]]) -> dict[str, uuid.UUID]:
    """Promise several acts of a topic by one statement: wishes, or payloads alone, by key. Otherwise as `promise`.

    Returns the ids of those that were promised now, by key.
    """
    if not wishes:
        return {}
    rows = [_row(topic, key, wish if isinstance(wish, Wish) else Wish(wish)) for key, wish in wishes.items()]
    statement = insert(Promise).values(rows).on_conflict_do_nothing(index_elements=["key"])
    made = {row.key: row.id for row in session().execute(statement.returning(Promise.key, Promise.id))}
    if made:
        session().info.setdefault(WAKE, set()).add(topic)
    for promised in made.values():
        _log.info("promised", topic=topic, promise=str(promised))
    return made


def free(promises: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Give those of these that are stuck all their attempts again, from now on. The error stays seen.

    Returns which were freed.
    """
    now = clock.now()
    freed = (
        update(Promise)
        .where(Promise.id.in_(promises), Promise.stuck_at.is_not(None), Promise.done_at.is_(None))
        .values(stuck_at=None, attempts=0, due_at=now, waits_since=now, leased_until=None)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    return list(session().scalars(freed))


def _row(topic: str, key: str, wish: Wish) -> dict[str, Any]:
    now = clock.now()
    due = wish.due_at or now
    how = {"lane": wish.lane, "after_id": wish.after_id, "due_at": due, "waits_since": due, "created_at": now}
    same = {"topic": topic, "attempts": 0, "request_id": request_id()}
    return {"id": new_id(), "key": key, "payload": wish.payload, **same, **how}


def wake_after_commit(make_session: Any, wake: Callable[[str], None], is_ours: Callable[[], bool]) -> None:
    """Call `wake(topic)` after each commit that promised something. A hint may be lost: the sweep finds the row.

    `is_ours` tells whether the commit is this application's: a process may hold several on one session.
    """

    @event.listens_for(make_session, "after_commit")
    def _hint(work: Session) -> None:
        for topic in work.info.pop(WAKE, set()) if is_ours() else ():
            wake(topic)

    @event.listens_for(make_session, "after_rollback")
    def _forget(work: Session) -> None:
        work.info.pop(WAKE, None)
