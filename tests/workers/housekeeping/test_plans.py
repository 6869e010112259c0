"""No statement of housekeeping reads the whole of a table that grows with the owners."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from broker.association import reminders as rounds
from broker.association.models import Association
from broker.sessions.models import LoginSession
from config import clock
from config.database import db, session, transaction
from tenants.syndics import service as syndics
from tests.workers.housekeeping.rows import References, make
from tests.world import World
from workers import reminders
from workers.housekeeping import steps
from workers.housekeeping.turn import STEPS

SMALL = {"lanes", "syndics", "clients", "webhook_endpoints", "reminder_rounds"}
"""Destinations and customers are few."""
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


def read_whole(statement: Statement) -> list[str]:
    """The large tables that this statement reads from end to end."""
    with transaction() as work:
        steps.by_index(work)
        told = work.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1]).scalar()
        plan = told if isinstance(told, list) else json.loads(str(told))
    found = []
    for node in nodes(plan[0]["Plan"]):
        table = node.get("Relation Name")
        if node["Node Type"] == "ModifyTable" or node.get("Operation") or table is None or table in SMALL:
            continue
        if node["Node Type"] == "Bitmap Heap Scan" or "Index Cond" in node:
            continue
        found.append(f"{node['Node Type']} on {table}")
    return found


def test_no_step_reads_a_whole_large_table(references: References) -> None:
    ago = clock.now() - timedelta(days=2 * 365)
    with transaction():
        make(Association, ago, references, session_id=references["login_sessions"])
        make(Association, ago, references, state="draft")
        make(LoginSession, ago, references, account_id=None, account_epoch=None, second_code_id=None, sub=None)
    found = {name: _said(name) for name in STEPS}
    assert all(found.values()), "the test hears what each step says"
    whole = [(name, *read_whole(each)) for name, said in found.items() for each in said if read_whole(each)]
    assert whole == [], "each is found by an index"


def test_nor_does_a_round_of_reminders(world: World) -> None:
    soon = clock.now() + timedelta(days=6)
    syndic = world.syndic(association_policy="required", association_deadline=soon.isoformat())
    made = rounds.Round(syndics.get(syndic.slug).id, soon, "week")
    whole = [read_whole(each) for each in _heard(lambda: reminders._step(made)) if read_whole(each)]
    assert whole == [], "the accounts that wait are found by an index"


def _said(name: str) -> list[Statement]:
    return _heard(lambda: steps.take(STEPS[name], clock.now()))


def _heard(act: Callable[[], object]) -> list[Statement]:
    with overheard() as heard:
        act()
    told = [each for each in heard if each[0].split()[0].upper() in {"SELECT", "WITH", "DELETE", "UPDATE"}]
    return [each for each in told if "advisory" not in each[0] and "set_config" not in each[0]]


def test_the_test_of_plans_would_see_a_whole_table_read() -> None:
    assert read_whole(("DELETE FROM login_attempts WHERE failures > 3", ())), "no index leads there"
    session().execute(text("SELECT 1"))
