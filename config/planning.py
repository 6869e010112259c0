"""Statements that PostgreSQL answers by an index whatever it last counted.

A table that was analysed in the minute when everything had left it counts as one row until the next time, however many
there are meanwhile; and where it is joined, reading all of it then seems as good as an index. What must not depend on
that joins no such table: rows are `among` the keys that another select found, and what must not be there (`none`) is
asked row by row.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, any_, func, literal_column, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

_BY_INDEX = text(
    "SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin',"
    " 'jit']) AS name"
)


def by_index(work: Session | Connection) -> None:
    """Until this transaction ends, find rows by indexes."""
    work.execute(_BY_INDEX)


def among(column: ColumnElement[Any] | InstrumentedAttribute[Any], keys: Select[Any]) -> ColumnElement[bool]:
    """That a column has one of the values that were selected: an array, found once and looked up, and not a join."""
    return column == any_(func.array(keys.scalar_subquery()))


def none(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """That there is no such row. Unlike NOT EXISTS, PostgreSQL makes neither a join nor a hashed table of it."""
    return select(literal_column("1")).where(*conditions).limit(1).scalar_subquery().is_(None)
