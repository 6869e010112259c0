"""How PostgreSQL would go about a statement, whatever it last counted.

The statistics are part of a promise of speed: a table that was analysed in the minute when everything had left it
counts as one row until the next time, however many there are meanwhile.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from config.database import db
from config.embedded.postgres import SUPERUSER, EmbeddedPostgres
from config.planning import by_index

SMALL = {"lanes", "syndics", "clients", "webhook_endpoints", "reminder_rounds"}
"""Destinations and customers are few."""
ALL_WANTED = {"ix_associations_to_strip"}
"""Indexes of just those rows that their step wants."""
Statement = tuple[str, Any]


@contextmanager
def _overheard() -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile."""
    said: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        said.append((statement, parameters[0] if many else parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


@dataclass(frozen=True)
class Counted:
    """What the statistics of every table say."""

    pages: int
    rows: int


EMPTIED, FEW, MANY = Counted(1, 0), Counted(1, 2), Counted(1000, 100_000)
each_count = pytest.mark.parametrize("counted", [EMPTIED, FEW, MANY], ids=["emptied", "few", "many"])


class Planner:
    """Says how PostgreSQL would go about a statement."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._engine = create_engine(server.url(SUPERUSER, str(db.engine.url.database)), poolclass=NullPool)

    def read_whole(self, statement: Statement, counted: Counted) -> list[str]:
        """The large tables that it would read from end to end, if that were what the statistics say."""
        return [told for node in _nodes(self._plan(statement, counted)) if (told := _whole(node))]

    def _plan(self, statement: Statement, counted: Counted) -> dict[str, Any]:
        """The statistics are imagined in a transaction that is rolled back."""
        with self._engine.connect() as connection:
            connection.execute(text(_IMAGINED), vars(counted))
            by_index(connection)
            told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1]).scalar()
            connection.rollback()
        plan = told if isinstance(told, list) else json.loads(str(told))
        return dict(plan[0]["Plan"])


_IMAGINED = """
UPDATE pg_class SET relpages = :pages, reltuples = :rows
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""


def _whole(node: dict[str, Any]) -> str | None:
    table = node.get("Relation Name")
    if node["Node Type"] == "ModifyTable" or node.get("Operation") or table is None or table in SMALL:
        return None
    by_condition = node["Node Type"] in {"Bitmap Heap Scan", "Tid Scan"} or "Index Cond" in node
    if by_condition or node.get("Index Name") in ALL_WANTED:
        return None
    return f"{node['Node Type']} on {table}"


def heard(act: Callable[[], object]) -> list[Statement]:
    """What it asks of the database, but for settings and locks."""
    with _overheard() as said:
        act()
    told = [each for each in said if each[0].split()[0].upper() in {"SELECT", "WITH", "DELETE", "UPDATE"}]
    return [each for each in told if "advisory" not in each[0] and "set_config" not in each[0]]
