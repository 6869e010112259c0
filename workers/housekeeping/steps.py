"""One step of housekeeping: one statement, a thousand rows at most, and none that somebody else holds at that moment.

Each commits by itself, so that nobody waits for it, and who is killed in the middle has lost nothing. Rows are found
by an index whatever the statistics say: no step reads a whole table that grows with the owners.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select, text
from sqlalchemy.orm import Session

from config.database import Base, transaction
from workers.alone import HOUSEKEEPING, is_alone

BATCH = 1000
Step = Callable[[Session, datetime], int]
"""(unit of work, now) -> how many rows it has dealt with; none: nothing is left to do."""

_BY_INDEX = text(
    "SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin',"
    " 'jit']) AS name"
)


def take(step: Step, now: datetime) -> int:
    """Take one step, in a transaction of its own. Returns the rows dealt with; 0, too, where another process tidies."""
    with transaction() as work:
        if not is_alone(work, HOUSEKEEPING):
            return 0
        by_index(work)
        return step(work, now)


def by_index(work: Session) -> None:
    """Until this transaction ends, find rows by indexes, whatever the statistics say of a table that grew overnight."""
    work.execute(_BY_INDEX)


def deletion(model: type[Base], condition: Callable[[datetime], ColumnElement[bool]]) -> Step:
    """The step that deletes rows of a condition."""

    def step(work: Session, now: datetime) -> int:
        key = tuple(model.__table__.primary_key)
        batch = select(*key).where(condition(now)).limit(BATCH).with_for_update(skip_locked=True).cte("batch")
        statement = delete(model).where(and_(*(column == batch.c[column.name] for column in key))).returning(*key)
        return len(work.execute(statement.execution_options(synchronize_session=False)).all())

    return step
