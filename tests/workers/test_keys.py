"""Keys follow one another without an operator: each syndic's in its own time, a few syndics at a turn."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, update

from config import clock
from config.database import session, transaction
from tenants.clients import keys, lifetimes, schedule
from tenants.clients.models import SigningKey
from tenants.syndics import service as syndics
from tests.tenants.conftest import new_syndic
from workers import alone
from workers import keys as turns

ALGORITHMS = ("RS256", "ES256")
PATIENCE_S = 60
Onboard = Callable[[timedelta], uuid.UUID]


@pytest.fixture
def onboard() -> Iterator[Onboard]:
    """Make a syndic whose keys are that much older than they may get; nobody else's are due."""
    made: list[uuid.UUID] = []

    def _onboard(overdue: timedelta) -> uuid.UUID:
        with transaction():
            syndic_id = new_syndic(f"tour-{uuid.uuid4().hex[:12]}")
            for alg in ALGORITHMS:
                keys.first(syndic_id, alg)
            since = clock.now() - schedule.age_limit(syndic_id) - overdue
            _change(syndic_id, signs_from=since)
        made.append(syndic_id)
        return syndic_id

    yield _onboard
    session().rollback()
    with transaction() as work:
        work.execute(delete(SigningKey).where(SigningKey.syndic_id.in_(made)))


def _change(syndic_id: uuid.UUID, **values: object) -> None:
    session().execute(update(SigningKey).where(SigningKey.syndic_id == syndic_id).values(**values))


def states(syndic_id: uuid.UUID) -> list[str]:
    return sorted(key["state"] for key in keys.described(syndic_id))


OLD, YOUNG = timedelta(hours=1), timedelta(hours=-1)
UNTOUCHED, FOLLOWED = ["active"] * 2, ["active"] * 2 + ["next"] * 2


def test_keys_past_their_age_get_a_successor_and_a_second_turn_makes_none(onboard: Onboard) -> None:
    old, young = onboard(OLD), onboard(YOUNG)
    assert turns.turn() == 2
    assert (states(old), states(young)) == (FOLLOWED, UNTOUCHED), "one is an hour past its age, one an hour before"
    assert turns.turn() == 0, "a next key waits already"
    clock.shift(lifetimes.PUBLISHED_AHEAD + timedelta(seconds=1))
    assert states(old) == ["active"] * 2 + ["retired"] * 2
    assert turns.turn() == 0, "and when it signs, its own age counts"


def test_a_turn_takes_a_bounded_batch_the_longest_overdue_first(
    onboard: Onboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "ROTATED", 2)
    waiting = [onboard(OLD * age) for age in (1, 5, 3)]
    assert turns.turn() == 4, "two syndics, two keys each"
    assert [states(each) for each in waiting] == [UNTOUCHED, FOLLOWED, FOLLOWED]
    assert turns.turn() == 2, "the next turn goes on"


def test_a_syndic_that_is_not_open_is_left_alone(onboard: Onboard) -> None:
    closed = onboard(OLD)
    with transaction():
        syndics.by_id(closed).status = "closed"
    assert turns.turn() == 0
    assert states(closed) == UNTOUCHED


def test_two_beats_do_not_turn_at_once(app: Flask, onboard: Onboard) -> None:
    old = onboard(OLD)
    with transaction() as first:
        assert alone.is_alone(first, alone.KEYS)
        with app.app_context():
            assert turns.turn() == 0, "the other one has the lock"
    assert states(old) == UNTOUCHED
    assert turns.turn() == 2, "free again once the first has ended"


def test_turns_that_come_together_make_one_successor_each(application: Flask, onboard: Onboard) -> None:
    old = [onboard(OLD) for _ in range(3)]
    together, made = threading.Barrier(3), list[int]()

    def turn() -> None:
        with application.app_context():
            together.wait()
            made.append(turns.turn())

    threads = [threading.Thread(target=turn) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    turns.turn()  # what a turn left to another one that held the lock
    assert len(made) == together.parties, "no turn failed"
    assert [states(each) for each in old] == [FOLLOWED] * 3


def test_a_turn_tidies_what_has_served_in_bounded_batches(onboard: Onboard, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.shift(timedelta(days=1))
    while turns.tidy():
        pass  # other tests' keys
    clock.shift(timedelta())
    monkeypatch.setattr(turns, "TIDIED", 1)
    turned = [onboard(OLD) for _ in range(2)]
    turns.turn()
    clock.shift(lifetimes.PUBLISHED_AHEAD + timedelta(seconds=1))
    assert turns.tidy() == 0
    assert [_halves(each) for each in turned] == [4, 4], "a key that has just retired keeps its half a little"
    clock.shift(lifetimes.PUBLISHED_AHEAD + lifetimes.ERASED_AFTER + timedelta(seconds=1))
    assert turns.tidy() == 2, "the two keys of one syndic"
    assert turns.tidy() == 2
    assert turns.tidy() == 0, "safe to do again"
    assert [_halves(each) for each in turned] == [2, 2], "only what signs has a private half"


def _halves(syndic_id: uuid.UUID) -> int:
    session().expire_all()
    rows = session().query(SigningKey).filter(SigningKey.syndic_id == syndic_id, SigningKey.private_key.is_not(None))
    return rows.count()
