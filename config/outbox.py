"""The outbox: work that must happen after the answer, promised in the transaction of the change itself.

The rows are the truth; a message on the queue is only a hint to look. `workers.outbox` keeps the promises.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index, event, text
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
        Index("ix_outbox_stuck", "topic", postgresql_where=text("done_at IS NULL AND stuck_at IS NOT NULL")),
    )

    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(unique=True)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    stuck_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None]
    """Of the request that promised it: log lines of web and worker are read together by it."""


def promise(topic: str, payload: dict[str, Any], key: str, due_at: datetime | None = None) -> uuid.UUID | None:
    """Promise an act with the caller's transaction. The same key a second time promises nothing new.

    `payload` holds ids only: whatever is secret is made by the worker when it acts.
    Returns the promise's id, or None where the key had been promised before.
    """
    now = clock.now()
    kept = {"topic": topic, "payload": payload, "key": key, "due_at": due_at or now, "created_at": now, "attempts": 0}
    statement = (
        insert(Promise)
        .values(id=new_id(), request_id=request_id(), **kept)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Promise.id)
    )
    made = session().scalar(statement)
    if made is not None:
        session().info.setdefault(WAKE, set()).add(topic)
        _log.info("promised", topic=topic, promise=str(made))
    return made


def promise_all(topic: str, payloads: Mapping[str, dict[str, Any]]) -> None:
    """Promise several acts of a topic by one statement: payloads by key. Otherwise as `promise`."""
    if not payloads:
        return
    now = clock.now()
    same = {"topic": topic, "due_at": now, "created_at": now, "attempts": 0, "request_id": request_id()}
    rows = [{"id": new_id(), "key": key, "payload": payload, **same} for key, payload in payloads.items()]
    session().execute(insert(Promise).values(rows).on_conflict_do_nothing(index_elements=["key"]))
    session().info.setdefault(WAKE, set()).add(topic)


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
