"""Lanes: a destination that does not answer holds one worker at most, is then left alone, and is found again."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from config import backlog, clock
from config.database import session, transaction
from config.outbox import Lane, Promise, Wish, lane_to, promise_all
from tests.workers.conftest import the_promise
from workers import handlers, lanes, leases, outbox
from workers.breaker import FAILURES
from workers.outcomes import GiveUp, Retry, Unreachable

Destination = Callable[[dict[str, Any]], dict[str, Any]]


class Destinations:
    """Servers of a test, by lane: what is called, and how each answers."""

    def __init__(self) -> None:
        self.topic = f"test.lanes-{uuid4().hex}"
        self.called: list[str] = []
        self.answers: dict[str, Destination] = {}
        handlers.register(self.topic, self._act, limit=1000, patience=timedelta(days=1))

    def lane(self) -> str:
        """A new one."""
        return lane_to("test", uuid4(), "https://extranet.example/hook")

    def promise(self, lane: str, count: int = 1, **how: Any) -> list[UUID]:
        """So many promises on a lane."""
        with transaction():
            wishes = {uuid4().hex: Wish({"lane": lane}, lane=lane, **how) for _ in range(count)}
            return list(promise_all(self.topic, wishes).values())

    def dead(self, lane: str, **wish: timedelta) -> None:
        """It gives no answer."""

        def hang_up(_payload: dict[str, Any]) -> dict[str, Any]:
            raise Unreachable("no answer", **wish)

        self.answers[lane] = hang_up

    def _act(self, payload: dict[str, Any], _key: str) -> dict[str, Any]:
        lane = payload["lane"]
        self.called.append(lane)
        return self.answers[lane](payload) if lane in self.answers else {}


@pytest.fixture
def to() -> Destinations:
    return Destinations()


def row_of(lane: str) -> Lane:
    session().expire_all()
    return session().scalars(select(Lane).where(Lane.name == lane)).one()


def open_up(to: Destinations, lane: str) -> None:
    """Let a dead lane with enough promises fail until it is left alone."""
    outbox.drain(to.topic)
    assert row_of(lane).open_until is not None, f"{FAILURES} calls without an answer are enough"


def test_an_open_lane_is_left_alone_and_waiting_there_is_no_attempt(to: Destinations) -> None:
    lane = to.lane()
    to.dead(lane)
    to.promise(lane, 20)
    open_up(to, lane)
    calls = len(to.called)
    assert outbox.drain(to.topic) == 0, "nobody goes there"
    assert to.topic not in leases.due_topics(), "nor is anybody woken for it"
    assert len(to.called) == calls == FAILURES, "twenty promises met it with three calls"
    counted = session().scalars(select(Promise.attempts).where(Promise.topic == to.topic)).all()
    assert sum(counted) == FAILURES, "who only waited has all attempts left"


def test_one_trial_after_the_rest_decides(to: Destinations) -> None:
    lane = to.lane()
    to.dead(lane)
    to.promise(lane, 5)
    open_up(to, lane)
    clock.shift(timedelta(minutes=2))
    outbox.drain(to.topic)
    assert len(to.called) == FAILURES + 1, "one trial, and it is left alone again"
    assert (row_of(lane).open_until or clock.now()) > clock.now()
    to.answers.clear()
    clock.shift(timedelta(minutes=30))
    outbox.drain(to.topic)
    done = session().scalars(select(Promise.done_at).where(Promise.topic == to.topic)).all()
    assert None not in done, "its answer lets everything through at once"
    assert (row_of(lane).failures, row_of(lane).open_until, row_of(lane).last_error) == (0, None, None)


def test_an_answer_of_any_kind_keeps_the_lane_closed(to: Destinations) -> None:
    lane = to.lane()
    outcomes: list[Exception] = [Retry("it answers 500"), GiveUp("it answers 410")] * FAILURES

    def grumble(_payload: dict[str, Any]) -> dict[str, Any]:
        raise outcomes.pop()

    to.answers[lane] = grumble
    to.promise(lane, 2 * FAILURES)
    outbox.drain(to.topic)
    assert len(to.called) == 2 * FAILURES, "one bad event does not hold up the others"
    assert row_of(lane).failures == 0


def test_a_wish_to_be_left_alone_is_heard_at_once(to: Destinations) -> None:
    lane = to.lane()
    to.dead(lane, leave_for=timedelta(minutes=10))
    to.promise(lane, 3)
    outbox.drain(to.topic)
    clock.shift(timedelta(minutes=9))
    assert outbox.drain(to.topic) == 0, "it asked for ten minutes"
    assert to.called == [lane]
    clock.shift(timedelta(minutes=10, seconds=1))
    outbox.drain(to.topic)
    assert len(to.called) == 2


def test_a_destination_that_hangs_holds_one_worker_and_nobody_elses_promise(app: Flask, to: Destinations) -> None:
    hanging, living = to.lane(), [to.lane() for _ in range(5)]
    entered, let_go = threading.Event(), threading.Event()

    def hang(_payload: dict[str, Any]) -> dict[str, Any]:
        entered.set()
        let_go.wait(60)
        raise Unreachable("no answer")

    to.answers[hanging] = hang
    to.promise(hanging, 30)
    first = threading.Thread(target=_work, args=(app, to.topic))
    first.start()
    assert entered.wait(30), "a worker is on its way"
    for lane in living:
        to.promise(lane, 3)
    others = [threading.Thread(target=_work, args=(app, to.topic)) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert to.called.count(hanging) == 1, "no second worker follows it"
    assert all(to.called.count(lane) == 3 for lane in living), "what leads elsewhere is done meanwhile"
    let_go.set()
    first.join(60)


def _work(app: Flask, topic: str) -> None:
    with app.app_context():
        outbox.drain(topic)


def test_workers_that_come_at_once_never_share_a_lane_and_lose_nothing(app: Flask, to: Destinations) -> None:
    busy: dict[str, int] = {}
    most: list[int] = []
    lock = threading.Lock()

    def note(payload: dict[str, Any]) -> dict[str, Any]:
        with lock:
            busy[payload["lane"]] = busy.get(payload["lane"], 0) + 1
            most.append(busy[payload["lane"]])
        with lock:
            busy[payload["lane"]] -= 1
        return {}

    ways = [to.lane() for _ in range(4)]
    for lane in ways:
        to.answers[lane] = note
        to.promise(lane, 12)
    workers = [threading.Thread(target=_until_done, args=(app, to)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(to.called) == sorted(ways * 12), "each is done, and once"
    assert max(most) == 1, "one at a time on each lane"


def _until_done(app: Flask, to: Destinations) -> None:
    with app.app_context():
        while session().scalar(select(Promise.id).where(Promise.topic == to.topic, Promise.done_at.is_(None)).limit(1)):
            session().rollback()
            outbox.drain(to.topic)


def test_a_backlog_on_one_lane_does_not_come_before_the_others(to: Destinations) -> None:
    large, small = to.lane(), to.lane()
    to.promise(large, 3)
    outbox.drain(to.topic)
    to.promise(large, 30)
    to.promise(small)
    outbox.work_once(to.topic)
    assert to.called[3:4] == [small], "the lane that was served longest ago, or never, comes first"


def test_a_worker_that_dies_on_a_lane_frees_it_when_its_lease_ends(to: Destinations) -> None:
    lane = to.lane()

    def die(_payload: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    to.answers[lane] = die
    to.promise(lane)
    with pytest.raises(KeyboardInterrupt):
        outbox.drain(to.topic)
    to.answers.clear()
    assert outbox.drain(to.topic) == 0, "as far as anybody knows it is still on its way"
    clock.shift(timedelta(seconds=61))
    assert outbox.drain(to.topic) == 1
    assert the_promise(to.topic).done_at is not None


def test_a_worker_that_outlived_its_lease_says_nothing_of_the_lane_any_more(to: Destinations) -> None:
    lane = to.lane()
    to.promise(lane)
    late = lanes.take(to.topic, leases.DUE)
    assert late is not None
    clock.shift(timedelta(seconds=61))
    second = lanes.take(to.topic, leases.DUE)
    assert second is not None
    lanes.troubled(late, Unreachable("long ago"))
    assert row_of(lane).failures == 0
    assert row_of(lane).held_until == second.until, "the lane is the second one's"


def test_what_waits_too_long_for_a_dead_destination_stands_before_an_operator_and_goes_on_by_hand(
    to: Destinations,
) -> None:
    lane = to.lane()
    to.dead(lane)
    ids = to.promise(lane, 6)
    open_up(to, lane)
    clock.shift(timedelta(hours=23))
    to.promise(lane)
    clock.shift(timedelta(hours=25))
    outbox.drain(to.topic)
    rows = session().execute(select(Promise.stuck_at, Promise.last_error).where(Promise.id.in_(ids))).all()
    assert all(row.stuck_at is not None for row in rows), "whether or not it was ever tried"
    assert {row.last_error for row in rows} == {"no answer"}, "with what is wrong there"
    late = session().scalars(select(Promise.stuck_at).where(Promise.topic == to.topic, Promise.id.not_in(ids)))
    assert late.all() == [None], "what waits for two hours only waits on"
    to.answers.clear()
    with transaction():
        backlog.retry(ids[0])
    clock.shift(timedelta(hours=27))
    outbox.drain(to.topic)
    assert session().scalar(select(Promise.done_at).where(Promise.id == ids[0])) is not None


def test_a_promise_waits_for_the_one_before_it_until_that_is_done_or_given_up(to: Destinations) -> None:
    lane = to.lane()
    failures: list[Exception] = [Retry("it answers 500")]
    order: list[str] = []

    def act(payload: dict[str, Any]) -> dict[str, Any]:
        if payload.get("name") == "first" and failures:
            raise failures.pop()
        order.append(payload["name"])
        return {}

    to.answers[lane] = act
    first = _named(to, lane, "first")
    second = _named(to, lane, "second", after_id=first)
    _named(to, lane, "other")
    outbox.drain(to.topic)
    assert order == ["other"], "who has nobody before goes on; the second waits for the first"
    clock.shift(timedelta(seconds=2))
    outbox.drain(to.topic)
    assert order == ["other", "first", "second"]
    failures.append(GiveUp("it will never take it"))
    third = _named(to, lane, "first", after_id=second)
    _named(to, lane, "last", after_id=third)
    outbox.drain(to.topic)
    assert order[-1] == "last", "what was given up holds up nothing"


def _named(to: Destinations, lane: str, name: str, after_id: UUID | None = None) -> UUID:
    with transaction():
        made = promise_all(to.topic, {uuid4().hex: Wish({"lane": lane, "name": name}, lane=lane, after_id=after_id)})
    return next(iter(made.values()))
