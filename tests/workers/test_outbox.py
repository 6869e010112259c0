"""The outbox: what was promised is done, by one worker, and seen when it cannot be."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from config import backlog, clock
from config.database import new_id, session, transaction
from config.errors import NotFound, Unavailable
from config.mail.models import Mail
from config.outbox import Promise, promise
from tests.workers.conftest import make_promise, the_promise
from workers import leases, outbox
from workers.outcomes import GiveUp, Retry

Register = Callable[..., str]


def nothing(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    return {}


def note(text: str, state: str = "queued") -> None:
    """A change of the database that a handler might make, left for the outbox to commit."""
    now = clock.now()
    row = {"kind": text, "recipient": "x", "locale": "fr", "state": state, "created_at": now, "updated_at": now}
    session().add(Mail(id=new_id(), subject_id=uuid4(), **row))


def notes() -> list[str]:
    return list(session().scalars(select(Mail.kind)))


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


def test_a_failed_promise_is_retried_later_and_its_error_is_seen(topic: Register) -> None:
    failures: list[Exception] = [Retry("the server is tired"), Unavailable("source of dupont@example.org is down")]

    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        if failures:
            raise failures.pop(0)
        return {"fine": True}

    name = topic(act)
    make_promise(name)
    outbox.drain(name)
    after_one = the_promise(name)
    assert (after_one.attempts, after_one.last_error) == (1, "the server is tired")
    assert after_one.due_at > clock.now(), "the second attempt waits"
    clock.shift(timedelta(seconds=2))
    outbox.drain(name)
    assert the_promise(name).last_error == "unavailable: source of …@… is down", "addresses are masked"
    clock.shift(timedelta(seconds=10))
    outbox.drain(name)
    assert the_promise(name).result == {"fine": True}


def test_the_text_of_an_unforeseen_error_is_not_kept(topic: Register) -> None:
    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        raise ValueError("could not use token s3cr3t-t0k3n")

    name = topic(act)
    make_promise(name)
    outbox.drain(name)
    error = the_promise(name).last_error or ""
    assert "s3cr3t" not in error, "a secret in an exception must not reach the table"
    assert error.startswith("ValueError at test_outbox.py:"), "operators learn what it was and where"


def test_a_statement_that_fails_at_the_commit_is_a_failed_attempt_without_its_values(
    topic: Register,
) -> None:
    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        note("secret-value", state="no such state")
        return {}

    name = topic(act)
    make_promise(name)
    outbox.drain(name)
    failed = the_promise(name)
    assert failed.done_at is None
    assert failed.last_error is not None
    assert "secret-value" not in failed.last_error


def test_a_promise_gets_stuck_after_its_limit_and_goes_on_by_hand(topic: Register) -> None:
    broken = [True]

    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        if broken:
            raise Retry("no answer")
        return {}

    name = topic(act, limit=3)
    make_promise(name)
    for hours in range(1, 6):
        outbox.drain(name)
        clock.shift(timedelta(hours=hours))
    (seen,) = [one for one in backlog.listing(stuck_only=True) if one.topic == name]
    assert (seen.attempts, seen.last_error) == (3, "no answer"), "it stops at its limit, with its error"
    assert outbox.drain(name) == 0, "a stuck promise is left to a person"
    broken.clear()
    with transaction():
        backlog.retry(seen.id)
    assert outbox.drain(name) == 1
    assert the_promise(name).done_at is not None


def test_what_is_not_stuck_cannot_be_retried_by_hand(topic: Register) -> None:
    name = topic(nothing)
    make_promise(name)
    waiting = [one for one in backlog.listing(stuck_only=False) if one.topic == name]
    assert len(waiting) == 1, "operators see what waits"
    with pytest.raises(NotFound):
        backlog.retry(waiting[0].id)
    outbox.drain(name)
    assert not [one for one in backlog.listing(stuck_only=False) if one.topic == name], "done is not waiting"


def test_giving_up_is_stuck_at_once(topic: Register) -> None:
    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        raise GiveUp("a person must look")

    name = topic(act)
    make_promise(name)
    outbox.drain(name)
    assert the_promise(name).stuck_at is not None
    assert the_promise(name).last_error == "a person must look"


def test_a_topic_that_nobody_knows_is_stuck_and_seen() -> None:
    make_promise("test.unknown")
    outbox.drain("test.unknown")
    assert the_promise("test.unknown").stuck_at is not None
    assert the_promise("test.unknown").last_error == "no handler for the topic test.unknown"


def test_one_broken_promise_does_not_hold_up_the_others(topic: Register) -> None:
    def act(payload: dict[str, Any], _key: str) -> dict[str, Any]:
        if payload["number"] == 0:
            raise RuntimeError
        return {}

    name = topic(act)
    with transaction():
        for number in range(3):
            promise(name, {"number": number}, f"{name}:{number}")
    outbox.drain(name)
    done = select(func.count()).where(Promise.topic == name, Promise.done_at.is_not(None))
    assert session().scalar(done) == 2


def test_a_promise_that_kills_its_worker_each_time_ends_stuck(topic: Register) -> None:
    def act(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        raise KeyboardInterrupt  # what no handler survives; the outbox records nothing either

    name = topic(act, limit=2)
    make_promise(name)
    for deaths in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            outbox.drain(name)
        assert the_promise(name).attempts == deaths, "an attempt counts although nobody lived to record it"
        clock.shift(timedelta(seconds=61 * deaths))
    outbox.drain(name)
    assert the_promise(name).stuck_at is not None, "otherwise it would kill workers for ever"


def test_due_topics_are_those_with_something_to_do(topic: Register) -> None:
    def another(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
        return {}

    busy, idle = topic(nothing), topic(another)
    make_promise(busy)
    make_promise(idle)
    outbox.drain(idle)
    assert leases.due_topics() == [busy]


@given(st.integers(min_value=1, max_value=10_000))
def test_the_wait_grows_from_one_second_to_a_quarter_of_an_hour(attempts: int) -> None:
    wait = outbox.backoff(attempts).total_seconds()
    longest = min(900, 2 ** min(attempts - 1, 10))
    assert longest / 2 <= wait <= longest
