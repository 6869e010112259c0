"""A real PostgreSQL and a real Valkey for the workers' tests, and an application on them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from flask import Flask
from sqlalchemy import delete, select

from broker.models import metadata
from config import clock, schema
from config.database import db, engine_options, session, transaction
from config.mail.models import Mail
from config.outbox import Promise, promise
from config.settings import settings
from workers import handlers

Promised = Callable[..., Promise]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def database(home: Path) -> Iterator[str]:
    """The application's address of a migrated database."""
    with EmbeddedPostgres(home, fsync=False, in_memory=True) as postgres:
        postgres.create_database("workers")
        schema.upgrade(postgres.url(OWNER, "workers"), postgres.url(APPLICATION, "workers"), metadata)
        yield postgres.url(APPLICATION, "workers")
    postgres.wipe()


@pytest.fixture(scope="session")
def valkey(home: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(home) as server:
        yield server


@pytest.fixture(autouse=True)
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TROUSSEAU_HOME", str(home))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def app(database: str) -> Iterator[Flask]:
    """An application with its context; what the test left in the outbox and the clock is cleared after it."""
    flask = Flask("workers")
    flask.config.update(SQLALCHEMY_DATABASE_URI=database, SQLALCHEMY_ENGINE_OPTIONS=engine_options())
    db.init_app(flask)
    with flask.app_context():
        yield flask
        clock.shift(timedelta())
        session().rollback()
        with transaction() as work:
            work.execute(delete(Promise))
            work.execute(delete(Mail))
        db.engine.dispose()


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
