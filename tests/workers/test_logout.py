"""Telling an extranet that a session has ended: what counts as told, what is tried again, what is given up."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from config import clock
from config.database import session, transaction
from config.outbox import Promise
from config.settings import settings
from tenants.clients import registry
from tests.broker.oidc.receiver import BACK, Receiver, client_of, enter, log_out, receiving
from tests.browser import Browser
from tests.workers.conftest import make_promise, the_promise
from tests.world import TestSyndic, World
from workers import outbox

TOPIC = "logout.backchannel"
IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND state LIKE 'idle in trans%' AND pid <> pg_backend_pid()"
)
DEAF = "http://127.0.0.1:9/backchannel_logout"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def _ended(world: World, receiver: Receiver, **metadata: str) -> TestSyndic:
    """A client whose only session has just ended: the promise waits."""
    client = client_of(world, world.syndic(), receiver, back=BACK, **metadata)
    browser = Browser()
    log_out(client, browser, enter(client, browser))
    return client


def _kept() -> Promise:
    """The promise after the workers were at it."""
    outbox.drain(TOPIC)
    return the_promise(TOPIC)


def test_a_promise_holds_ids_only(world: World, receiver: Receiver) -> None:
    _ended(world, receiver)
    promised = the_promise(TOPIC)
    assert list(promised.payload) == ["client_session_id"], "no token lies in the outbox"
    assert promised.key == f"{TOPIC}:{promised.payload['client_session_id']}"


@pytest.mark.parametrize("status", [200, 204])
def test_told_is_told(world: World, receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, b"")]
    _ended(world, receiver)
    assert _kept().result == {"told": True}
    assert len(receiver.posts) == 1


def test_no_transaction_is_open_while_the_extranet_is_called(world: World, receiver: Receiver) -> None:
    open_then: list[int] = []
    receiver.on_post = lambda: open_then.append(_open_transactions(world))
    _ended(world, receiver)
    _kept()
    assert open_then == [0], "a slow extranet must not hold locks or connections of ours"


def _open_transactions(world: World) -> int:
    with world.application.app_context():
        return session().scalar(text(IN_TRANSACTION)) or 0


def test_a_refused_token_is_given_up_with_its_reason_and_without_the_extranets_words(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = [(400, b'{"error": "invalid_request", "error_description": "eyJhbGciOi of jeanne@orange.fr"}')]
    _ended(world, receiver)
    promised = _kept()
    assert promised.stuck_at is not None, "minted anew it would be refused again: a person must look"
    assert promised.last_error == "the extranet refuses the logout token: 400 invalid_request"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (503, b'{"error": "invalid_request"}'),
        (404, b"<html>"),
        (400, b"[" * 5000),
        (400, b'{"error": "<b>"}'),
        (429, b""),
        (302, b""),
        (201, b""),
    ],
)
def test_every_other_answer_is_tried_again(world: World, receiver: Receiver, status: int, body: bytes) -> None:
    receiver.answers = [(status, body)]
    _ended(world, receiver)
    promised = _kept()
    assert promised.done_at is None
    assert promised.stuck_at is None
    assert (promised.last_error or "").startswith(f"the extranet answers {status}")
    assert "<b>" not in (promised.last_error or ""), "an operator reads our words"
    clock.shift(timedelta(seconds=2))
    assert _kept().done_at is not None, "the extranet is back, and is told"
    assert len(receiver.posts) == 2


def test_an_extranet_that_never_answers_is_tried_for_a_day_and_then_stands_before_an_operator(
    world: World, receiver: Receiver
) -> None:
    _ended(world, receiver)
    _move(DEAF)
    waited = timedelta()
    while (promised := _kept()).stuck_at is None:
        assert waited < timedelta(days=2), "it is not tried for ever"
        waited += timedelta(minutes=20)
        clock.shift(waited)
    assert timedelta(hours=24) <= waited < timedelta(hours=25), "a day"
    assert "ConnectError" in (promised.last_error or ""), "with what went wrong"
    assert receiver.posts == []


def _move(address: str | None) -> None:
    """The client's address changes after the promise was made."""
    moved = "UPDATE clients SET backchannel_logout_uri = :address WHERE id = (SELECT client_id FROM client_sessions cs"
    named = " JOIN outbox o ON o.payload->>'client_session_id' = cs.id::text)"
    touched = "UPDATE syndics SET version = version + 1"
    with transaction() as work:
        work.execute(text(moved + named), {"address": address})
        work.execute(text(touched))
    registry.forget()


def test_a_client_that_takes_no_calls_any_more_is_left_alone(world: World, receiver: Receiver) -> None:
    _ended(world, receiver)
    _move(None)
    assert _kept().result == {"told": False}
    assert receiver.posts == []


def test_a_client_session_that_is_gone_leaves_nothing_to_tell() -> None:
    make_promise(TOPIC, {"client_session_id": "01890a5d-ac96-774b-bcce-b302099a8057"})
    assert _kept().result == {"told": False}


def test_a_private_address_is_never_called(world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    _ended(world, receiver)
    monkeypatch.setenv("TROUSSEAU_OUTGOING_ALLOWED", "")
    settings.cache_clear()
    promised = _kept()
    assert receiver.posts == [], "no setting names this network"
    assert promised.done_at is None
    assert "no address that may be called" in (promised.last_error or "")


def test_a_suspended_syndics_extranet_is_told_once_its_keys_can_be_fetched_again(
    world: World, receiver: Receiver
) -> None:
    client = _ended(world, receiver)
    world.suspend(client)
    promised = _kept()
    assert receiver.posts == [], "nobody could verify the token"
    assert "not active" in (promised.last_error or "")


def test_one_extranet_that_hangs_does_not_keep_the_others_from_hearing(world: World, receiver: Receiver) -> None:
    with receiving() as hanging:
        released = threading.Event()
        hanging.on_post = lambda: released.wait(60)
        _ended(world, hanging)
        _ended(world, receiver)
        outbox.drain(TOPIC)
        assert len(receiver.posts) == 1
        assert len(hanging.posts) == 1, "it was called, and left after its time"
        released.set()
