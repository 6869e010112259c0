"""One step of housekeeping: one statement, a thousand rows at most, and none that somebody else holds at that moment.

Each commits by itself, so that nobody waits for it, and who is killed in the middle has lost nothing. Rows are found
by an index whatever the statistics say (`config.planning`): no step reads a whole table that grows with the owners.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Select, Update, delete, literal_column, select
from sqlalchemy.orm import Session

from config.database import Base, transaction
from config.planning import among, by_index
from workers.alone import HOUSEKEEPING, is_alone

BATCH = 1000
Step = Callable[[Session, datetime], int]
"""(unit of work, now) -> how many rows it has dealt with; none: nothing is left to do."""


def take(step: Step, now: datetime) -> int:
    """Take one step, in a transaction of its own. Returns the rows dealt with; 0, too, where another process tidies."""
    with transaction() as work:
        if not is_alone(work, HOUSEKEEPING):
            return 0
        by_index(work)
        return step(work, now)


def held(model: type[Base], batch: Select[Any]) -> ColumnElement[bool]:
    """That a row is in the batch, which holds its rows until the transaction ends: so they stay in their places."""
    place: ColumnElement[Any] = literal_column(f"{model.__tablename__}.ctid")
    places = batch.with_only_columns(place.label("place")).limit(BATCH).with_for_update(skip_locked=True).cte("batch")
    return among(place, select(places.c.place))


def deletion(model: type[Base], condition: Callable[[datetime], ColumnElement[bool]]) -> Step:
    """The step that deletes rows of a condition."""

    def step(work: Session, now: datetime) -> int:
        batch = held(model, select(model).where(condition(now)))
        return dealt_with(work, delete(model).where(batch))

    return step


def dealt_with(work: Session, statement: Delete | Update) -> int:
    """How many rows a statement has deleted, or changed."""
    statement = statement.execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", work.execute(statement)).rowcount
