"""Caps on mail: exact however many ask at once, and nothing is taken from whoever is to be told (SECURITY R15)."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import clock
from config.database import session, transaction
from config.mail.models import Mail
from config.mail.service import post
from config.outbox import Promise
from config.settings import settings


@pytest.fixture(autouse=True)
def caps(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Small caps for network and syndic; those of an address as they are shipped."""
    monkeypatch.setenv("TROUSSEAU_MAILS_PER_NETWORK", "7")
    monkeypatch.setenv("TROUSSEAU_MAILS_PER_SYNDIC", "9")
    settings.cache_clear()
    yield app
    monkeypatch.undo()
    settings.cache_clear()
    clock.shift(timedelta())


def _address() -> str:
    return f"{secrets.token_hex(8)}@example.org"


def _network() -> str:
    return f"test {secrets.token_hex(8)}"


def _post(to: str, network: str | None = None, syndic: UUID | None = None, key: str | None = None) -> bool:
    with transaction():
        return post(to, "test", uuid4(), "fr", key or secrets.token_hex(8), asked_from=network, syndic_id=syndic)


def _promised(to: str) -> int:
    return session().scalar(select(func.count()).where(Mail.recipient == to)) or 0


def test_what_anybody_can_cause_stops_at_ten_and_notices_go_on_to_twenty() -> None:
    to = _address()
    asked = [_post(to, _network()) for _ in range(12)]
    assert asked == [True] * 10 + [False] * 2, "ten a day, whoever asks"
    told = [_post(to) for _ in range(12)]
    assert told == [True] * 10 + [False] * 2, "ten more that tell of something, whatever strangers did"
    assert _promised(to) == 20
    clock.shift(timedelta(hours=24, minutes=1))
    assert _post(to, _network()), "a day later it goes on"


def test_notices_count_against_what_anybody_can_cause() -> None:
    to = _address()
    assert all(_post(to) for _ in range(10))
    assert not _post(to, _network()), "one cap over all purposes"


def test_one_network_has_its_hour_and_other_networks_theirs() -> None:
    network = _network()
    assert [_post(_address(), network) for _ in range(9)] == [True] * 7 + [False] * 2
    assert _post(_address(), _network())
    assert _post(_address()), "notices do not count against a network"
    clock.shift(timedelta(minutes=61))
    assert _post(_address(), network)


def test_one_syndic_has_its_hour_whatever_the_kind() -> None:
    syndic = uuid4()
    asked = [_post(_address(), _network(), syndic) for _ in range(5)] + [
        _post(_address(), None, syndic) for _ in range(6)
    ]
    assert asked == [True] * 9 + [False] * 2
    assert _post(_address(), None, uuid4())


def test_a_refusal_by_one_cap_takes_nothing_from_the_others() -> None:
    network, to = _network(), _address()
    for _ in range(7):
        _post(_address(), network)
    for _ in range(30):
        assert not _post(to, network)
    assert _post(to, _network()), "the address has lost nothing by it"


def test_of_forty_at_the_same_time_ten_are_promised(app: Flask) -> None:
    to = _address()

    def ask(_: int) -> bool:
        with app.app_context():
            return _post(to, _network())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    assert answers.count(True) == 10
    assert _promised(to) == 10


def test_the_same_mail_again_is_not_counted_again() -> None:
    to, key = _address(), secrets.token_hex(8)
    assert all(_post(to, _network(), key=key) for _ in range(30))
    assert _promised(to) == 1
    assert all(_post(to, _network()) for _ in range(9)), "only one was taken"


def test_a_capped_mail_leaves_no_promise_and_may_be_asked_again() -> None:
    to, key = _address(), secrets.token_hex(8)
    for _ in range(10):
        _post(to, _network())
    assert not _post(to, _network(), key=key)
    assert session().scalar(select(Promise.id).where(Promise.key == f"mail.send:test:{key}")) is None
    clock.shift(timedelta(hours=25))
    assert _post(to, _network(), key=key)
    assert _promised(to) == 11
