"""What the workers' tests stand on beside the run's own servers: a clean outbox, and topics of a test's own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select

from config import clock
from config.database import new_id, session, transaction
from config.embedded.postgres import EmbeddedPostgres
from config.mail.models import Mail
from config.outbox import Promise, promise
from config.settings import settings
from tests.workers.mails import letter
from tests.workers.planner import Planner
from tests.workers.post_office import PostOffice
from workers import handlers
from workers.mail import kinds, transport
from workers.mail.letter import Letter

Register = Callable[..., str]


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
def topic() -> Register:
    """Register a function for a topic of its own."""

    def register(act: handlers.Handler, limit: int = 5) -> str:
        name = f"test.{id(act)}"
        handlers.register(name, act, limit)
        return name

    return register


def nothing(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """A handler with nothing to do."""
    return {}


def note(text: str, state: str = "queued") -> None:
    """A change of the database that a handler might make, left for the outbox to commit."""
    now = clock.now()
    row = {"kind": text, "recipient": "x", "locale": "fr", "state": state, "created_at": now, "updated_at": now}
    session().add(Mail(id=new_id(), subject_id=uuid4(), **row))


def notes() -> list[str]:
    """The texts of those that were committed."""
    return list(session().scalars(select(Mail.kind)))


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


@pytest.fixture
def planner(postgres: EmbeddedPostgres) -> Planner:
    """Of this process's database."""
    return Planner(postgres)
