"""Housekeeping: what has served goes, everything else stays; one process at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.identities import attempts, devices
from broker.identities.models import LoginAttempts
from broker.web.network import Caller
from config import clock, secrets
from config.database import session, transaction
from config.mail import suppression
from config.mail.models import MailSuppression
from config.outbox import Promise, promise
from config.settings import settings
from tests.workers.conftest import make_promise
from workers import alone, celery_app, outbox
from workers.housekeeping import steps
from workers.housekeeping import turn as housekeeping

Register = Callable[..., str]


def nothing(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    return {}


def left() -> int:
    return session().scalar(select(func.count()).select_from(Promise)) or 0


def test_kept_promises_go_after_thirty_days_in_batches_and_open_ones_never(
    topic: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 2)
    name = topic(nothing)
    with transaction():
        for number in range(5):
            promise(name, {}, f"{name}:{number}")
    outbox.drain(name)
    make_promise("test.unknown")
    outbox.drain("test.unknown")
    clock.shift(timedelta(days=29))
    housekeeping.tidy()
    assert left() == 6, "a kept promise tells for thirty days what became of it"
    clock.shift(timedelta(days=31))
    housekeeping.tidy()
    assert left() == 1, "what nobody kept stays, however old: it is stuck, not forgotten"


def test_two_beats_do_not_tidy_at_once(app: Flask, topic: Register) -> None:
    name = topic(nothing)
    make_promise(name)
    outbox.drain(name)
    clock.shift(timedelta(days=31))
    with transaction() as first:
        assert alone.is_alone(first, alone.HOUSEKEEPING)
        with app.app_context():
            assert housekeeping.tidy().total == 0, "the other one has the lock"
    assert left() == 1, "and nothing was deleted beside it"
    housekeeping.tidy()
    assert left() == 0, "free again once the first has ended"


def test_counters_and_known_browsers_go_when_they_have_lapsed_and_not_before(app: Flask) -> None:
    caller, owner = Caller("Firefox", "127.0.0.0/24"), secrets.random_bytes(32)
    with transaction():
        token = devices.remember(owner, None, None, caller)
    name = attempts.Name(owner, owner, attempts.EMAIL_LOCK, None)
    door = attempts.Door("127.0.0.0/24", "", lambda _: None)
    attempts.reserve(name, door)

    def stand() -> tuple[bool, bool]:
        with app.app_context():
            counted = session().scalar(select(LoginAttempts.failures).where(LoginAttempts.name == owner))
            return counted is not None, devices.is_known(owner, token)

    for days, expected in ((29, (True, True)), (31, (False, True)), (399, (False, True)), (401, (False, False))):
        clock.shift(timedelta(days=days))
        housekeeping.tidy()
        assert stand() == expected, f"after {days} days"


def test_an_address_that_is_spared_no_longer_is_forgotten(app: Flask) -> None:
    email = f"{secrets.token()}@example.org"
    with transaction():
        suppression.suppress(email, "bounce")
    name = secrets.keyed(settings().keys.name_key, "mail-suppressed", email)
    for days, kept in ((29, True), (31, False)):
        clock.shift(timedelta(days=days))
        assert (suppression.of_address(email) is not None) is kept, f"after {days} days"
        housekeeping.tidy()
        with app.app_context():
            assert (session().get(MailSuppression, name) is not None) is kept


def test_every_task_that_beat_asks_for_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROUSSEAU_REDIS_URL", "redis://127.0.0.1:1")
    settings.cache_clear()
    asked = {entry["task"] for entry in celery_app.configuration()["beat_schedule"].values()}
    assert asked == {
        "trousseau.sweep",
        "trousseau.housekeeping",
        "trousseau.erasure",
        "trousseau.keys",
        "trousseau.probes",
        "trousseau.reminders",
    }
    assert asked < set(celery_app.app.tasks), "a task that no worker knows would be dropped in silence"
