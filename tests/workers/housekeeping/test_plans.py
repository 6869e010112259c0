"""Housekeeping reads no table whole that grows with the owners, whatever PostgreSQL last counted."""

from datetime import timedelta

from broker.association import reminders as rounds
from broker.association.models import Association
from broker.sessions.models import LoginSession
from config import clock
from config.database import transaction
from tenants.syndics import service as syndics
from tests.workers.housekeeping.rows import References, make
from tests.workers.planner import Counted, Planner, Statement, each_count, heard
from tests.world import World
from workers import reminders
from workers.housekeeping import steps
from workers.housekeeping.turn import STEPS


@each_count
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


@each_count
def test_nor_does_a_round_of_reminders(world: World, planner: Planner, counted: Counted) -> None:
    soon = clock.now() + timedelta(days=6)
    syndic = world.syndic(association_policy="required", association_deadline=soon.isoformat())
    made = rounds.Round(syndics.get(syndic.slug).id, soon, "week")
    said = heard(lambda: reminders._step(made))
    assert said, "the test hears what a round says"
    whole = [read for each in said if (read := planner.read_whole(each, counted))]
    assert whole == [], "the accounts that wait are found by an index"


def _said(name: str) -> list[Statement]:
    return heard(lambda: steps.take(STEPS[name], clock.now()))
