"""The outbox: a promise that cannot be kept is tried again, then seen; the others go on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from config import backlog, clock
from config.database import session, transaction
from config.errors import NotFound, Unavailable
from config.outbox import Promise, promise
from tests.workers.conftest import Register, make_promise, note, nothing, the_promise
from workers import leases, outbox
from workers.outcomes import GiveUp, Retry


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
    assert error.startswith(f"ValueError at {Path(__file__).name}:"), "operators learn what it was and where"


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
