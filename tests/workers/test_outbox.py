"""The outbox: what was promised is done, by one worker, and seen when it cannot be."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import clock
from config.database import session, transaction
from config.outbox import Promise, promise
from tests.workers.conftest import Register, make_promise, note, notes, nothing, the_promise
from workers import leases, outbox
from workers.outcomes import Retry


def test_a_kept_promise_is_done_once_with_its_result_and_its_key(topic: Register) -> None:
    calls: list[tuple[dict[str, Any], str]] = []

    def act(payload: dict[str, Any], key: str) -> dict[str, Any]:
        calls.append((payload, key))
        return {"answer": 42}

    name = topic(act)
    make_promise(name, {"id": "a"}, key="key-1")
    assert outbox.drain(name) == 1
    assert outbox.drain(name) == 0, "a promise that is done must not be due again"
    kept = the_promise(name)
    assert calls == [({"id": "a"}, "key-1")], "the handler acts once, with the payload and the key"
    assert kept.done_at is not None
    assert kept.result == {"answer": 42}
    assert kept.last_error is None


def test_a_transaction_that_is_rolled_back_promises_nothing(topic: Register) -> None:
    name = topic(nothing)

    def failing() -> None:
        with transaction():
            promise(name, {}, "never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert outbox.drain(name) == 0, "nothing may be done for a change that never happened"


def test_the_same_key_promises_once(topic: Register) -> None:
    name = topic(nothing)
    make_promise(name, key="same")
    make_promise(name, key="same")
    assert session().scalar(select(func.count()).where(Promise.topic == name)) == 1


def test_a_promise_is_not_acted_on_before_it_is_due(topic: Register) -> None:
    name = topic(nothing)
    with transaction():
        promise(name, {}, "later", due_at=clock.now() + timedelta(hours=1))
    assert outbox.drain(name) == 0, "too early"
    clock.shift(timedelta(hours=1, seconds=1))
    assert outbox.drain(name) == 1


def test_workers_that_claim_at_once_never_take_the_same_promise(app: Flask, topic: Register) -> None:
    name = topic(nothing)
    with transaction():
        for number in range(200):
            promise(name, {}, f"{name}:{number}")
    taken: list[UUID] = []
    together = threading.Barrier(6)

    def work() -> None:
        together.wait()
        with app.app_context():
            while batch := leases.claim(name, limit=7):
                assert len(batch) <= 7, "a worker takes no more than it asked for"
                taken.extend(one.id for one in batch)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    twice = [promise_id for promise_id, count in Counter(taken).items() if count > 1]
    assert not twice, f"{len(twice)} promises were taken by two workers"
    assert len(taken) == 200, "every promise is taken by somebody"


def test_the_oldest_is_claimed_first(topic: Register) -> None:
    name = topic(nothing)
    now = clock.now()
    with transaction():
        for age in (1, 3, 2):
            promise(name, {"age": age}, f"{name}:{age}", due_at=now - timedelta(minutes=age))
    assert [one.payload["age"] for one in leases.claim(name)] == [3, 2, 1]


def test_a_lease_that_ran_out_hands_the_promise_over_and_the_late_worker_does_nothing(
    topic: Register,
) -> None:
    calls: list[str] = []

    def act(_payload: dict[str, Any], key: str) -> dict[str, Any]:
        calls.append(key)
        return {}

    name = topic(act)
    make_promise(name)
    (late,) = leases.claim(name, lease_s=60)
    assert leases.claim(name) == [], "a leased promise is nobody else's"
    clock.shift(timedelta(seconds=61))
    (second,) = leases.claim(name)
    assert outbox.keep(late) is False, "its lease is gone"
    assert calls == [], "the late worker must not act on what another one holds"
    assert outbox.keep(second) is True
    assert len(calls) == 1


def test_a_worker_that_outlives_its_lease_overwrites_nothing(app: Flask, topic: Register) -> None:
    attempts: list[str] = []

    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        attempts.append("x")
        mine = len(attempts)
        if mine == 1:
            clock.shift(timedelta(seconds=61))
            with app.app_context():
                assert outbox.drain(name) == 1, "the second worker finds it free"
        note(f"effect of worker {mine}")
        return {"worker": mine}

    name = topic(act)
    make_promise(name)
    (claimed,) = leases.claim(name)
    assert outbox.keep(claimed) is False
    assert the_promise(name).result == {"worker": 2}, "the first must not overwrite what the second recorded"
    assert notes() == ["effect of worker 2"], "the first's changes go with its lease"


def test_a_handlers_changes_and_the_done_mark_commit_together_or_not_at_all(topic: Register) -> None:
    failures = [Retry("not yet")]

    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        note("changed")
        if failures:
            raise failures.pop()
        return {}

    name = topic(act)
    make_promise(name)
    outbox.drain(name)
    assert notes() == [], "a failed attempt leaves no change behind"
    clock.shift(timedelta(seconds=2))
    outbox.drain(name)
    assert notes() == ["changed"]
    assert the_promise(name).done_at is not None
