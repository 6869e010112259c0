"""What the workers' tests stand on beside the run's own servers: a clean outbox, and topics of a test's own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select

from config import clock
from config.database import session, transaction
from config.mail.models import Mail
from config.outbox import Promise, promise
from config.settings import settings
from tests.workers.mails import letter
from tests.workers.post_office import PostOffice
from workers import handlers
from workers.mail import kinds, transport
from workers.mail.letter import Letter


@pytest.fixture(autouse=True)
def outbox_of_its_own(app: Flask) -> Iterator[Flask]:
    """The application's context with nothing promised yet; the clock, settings and outbox are put right afterwards."""
    _clear()
    yield app
    clock.shift(timedelta())
    settings.cache_clear()
    session().rollback()
    _clear()


def _clear() -> None:
    with transaction() as work:
        work.execute(delete(Promise))
        work.execute(delete(Mail))


@pytest.fixture
def topic() -> Callable[..., str]:
    """Register a function for a topic of its own."""

    def register(act: handlers.Handler, limit: int = 5) -> str:
        name = f"test.{id(act)}"
        handlers.register(name, act, limit)
        return name

    return register


def make_promise(topic: str, payload: dict[str, Any] | None = None, key: str | None = None) -> None:
    """Promise in a transaction of its own."""
    with transaction():
        promise(topic, payload or {}, key or f"{topic}:once")


def the_promise(topic: str) -> Promise:
    """The only promise of a topic, as the database has it now."""
    session().expire_all()
    return session().scalars(select(Promise).where(Promise.topic == topic)).one()


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """An SMTP server, open, and the one that the settings name."""
    with PostOffice() as opened:
        monkeypatch.setenv("TROUSSEAU_SMTP_URL", opened.url)
        settings.cache_clear()
        yield opened
        transport.courier(opened.url).close()


@pytest.fixture
def minted(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """A kind of mail, `test`, whose links are counted as they are made."""
    made: list[UUID] = []

    def kind(subject_id: UUID, _recipient: str) -> Letter:
        made.append(subject_id)
        return letter()

    monkeypatch.setitem(kinds.KINDS, "test", kind)
    return made
