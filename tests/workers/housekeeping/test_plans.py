"""No statement of housekeeping reads the whole of a table that grows with the owners, whatever PostgreSQL last counted.

The statistics are part of the promise: a table that was analysed in the minute when everything had left it counts as
one row until the next time, however many there are meanwhile.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from broker.association import reminders as rounds
from broker.association.models import Association
from broker.sessions.models import LoginSession
from config import clock
from config.database import db, transaction
from config.embedded.postgres import SUPERUSER, EmbeddedPostgres
from config.planning import by_index
from tenants.syndics import service as syndics
from tests.workers.housekeeping.rows import References, make
from tests.world import World
from workers import reminders
from workers.housekeeping import steps
from workers.housekeeping.turn import STEPS

SMALL = {"lanes", "syndics", "clients", "webhook_endpoints", "reminder_rounds"}
"""Destinations and customers are few."""
ALL_WANTED = {"ix_associations_to_strip"}
"""Indexes of just those rows that their step wants."""
Statement = tuple[str, Any]


@contextmanager
def overheard() -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile."""
    heard: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        heard.append((statement, parameters[0] if many else parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


@dataclass(frozen=True)
class Counted:
    """What the statistics of every table say."""

    pages: int
    rows: int


EMPTIED, FEW, MANY = Counted(1, 0), Counted(1, 2), Counted(1000, 100_000)


class Planner:
    """Says how PostgreSQL would go about a statement."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._engine = create_engine(server.url(SUPERUSER, str(db.engine.url.database)), poolclass=NullPool)

    def read_whole(self, statement: Statement, counted: Counted) -> list[str]:
        """The large tables that it would read from end to end, if that were what the statistics say."""
        return [told for node in nodes(self._plan(statement, counted)) if (told := _whole(node))]

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


@pytest.fixture
def planner(postgres: EmbeddedPostgres) -> Planner:
    """Of this process's database."""
    return Planner(postgres)


@pytest.mark.parametrize("counted", [EMPTIED, FEW, MANY], ids=["emptied", "few", "many"])
def test_no_step_reads_a_whole_large_table(planner: Planner, references: References, counted: Counted) -> None:
    ago = clock.now() - timedelta(days=2 * 365)
    with transaction():
        make(Association, ago, references, session_id=references["login_sessions"])
        make(Association, ago, references, state="draft")
        make(LoginSession, ago, references, account_id=None, account_epoch=None, second_code_id=None, sub=None)
    found = {name: _said(name) for name in STEPS}
    assert all(found.values()), "the test hears what each step says"
    said = [(name, each) for name, statements in found.items() for each in statements]
    whole = [(name, read) for name, each in said if (read := planner.read_whole(each, counted))]
    assert whole == [], "each is found by an index"


@pytest.mark.parametrize("counted", [EMPTIED, FEW, MANY], ids=["emptied", "few", "many"])
def test_nor_does_a_round_of_reminders(world: World, planner: Planner, counted: Counted) -> None:
    soon = clock.now() + timedelta(days=6)
    syndic = world.syndic(association_policy="required", association_deadline=soon.isoformat())
    made = rounds.Round(syndics.get(syndic.slug).id, soon, "week")
    said = _heard(lambda: reminders._step(made))
    assert said, "the test hears what a round says"
    whole = [read for each in said if (read := planner.read_whole(each, counted))]
    assert whole == [], "the accounts that wait are found by an index"


def _said(name: str) -> list[Statement]:
    return _heard(lambda: steps.take(STEPS[name], clock.now()))


def _heard(act: Callable[[], object]) -> list[Statement]:
    with overheard() as heard:
        act()
    told = [each for each in heard if each[0].split()[0].upper() in {"SELECT", "WITH", "DELETE", "UPDATE"}]
    return [each for each in told if "advisory" not in each[0] and "set_config" not in each[0]]


@pytest.mark.parametrize("counted", [EMPTIED, FEW, MANY], ids=["emptied", "few", "many"])
def test_the_test_of_plans_would_see_a_whole_table_read(planner: Planner, counted: Counted) -> None:
    assert planner.read_whole(("DELETE FROM login_attempts WHERE failures > 3", ()), counted), "no index leads there"
