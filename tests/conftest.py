"""The servers of a test run: one PostgreSQL and one Valkey for all processes, one database and one web server each.

They belong to the process that was started first, which lives as long as the run; the others attach by address.
"""

import base64
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from broker.app import create_app
from broker.embedded import Addresses
from broker.models import metadata
from config import clock, schema
from config.database import db
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from config.settings import settings
from demo.inbox import Inbox
from tests.grouping import GroupedByPlace
from tests.run import NEEDS, is_missing
from tests.serving import served
from tests.world import World
from workers import outbox

TEMPLATE = "trousseau_template"
HOME = "TROUSSEAU_TEST_HOME"
_servers: list[EmbeddedPostgres | EmbeddedValkey] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the first process; give every process its surroundings before settings are read."""
    if not hasattr(config, "workerinput"):
        os.environ[HOME] = tempfile.mkdtemp(prefix="trousseau-tests-")
        _start(Path(os.environ[HOME]))
    _surroundings(Path(os.environ[HOME]), os.environ.get("PYTEST_XDIST_WORKER", "alone"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the first process started."""
    for listener in _listening:
        listener.close()
    if hasattr(config, "workerinput"):
        return
    for server in _servers:
        server.stop()
        server.wipe()
    shutil.rmtree(os.environ[HOME], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that is missing; `make test` has named it."""
    for item in items:
        for marker, (program, install) in NEEDS.items():
            if item.get_closest_marker(marker) and is_missing(program):
                item.add_marker(pytest.mark.skip(reason=f"{program} is missing: {install}"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupedByPlace | None:
    """Keep tests that share servers together."""
    return GroupedByPlace(config, log) if config.getvalue("dist") == "loadgroup" else None


def _start(home: Path) -> None:
    postgres, valkey = EmbeddedPostgres(home, in_memory=True, fsync=False), EmbeddedValkey(home)
    _servers.extend((postgres, valkey))
    postgres.ensure()
    valkey.ensure()
    postgres.create_database(TEMPLATE)
    schema.upgrade(postgres.url(OWNER, TEMPLATE), postgres.url(APPLICATION, TEMPLATE), metadata)
    os.environ["TROUSSEAU_TEST_QUEUE"] = valkey.celery_url
    os.environ["TROUSSEAU_TEST_REDIS"] = valkey.url


def _surroundings(home: Path, worker: str) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    os.environ.update(
        TROUSSEAU_HOME=str(home / worker),
        TROUSSEAU_ROOT_SECRET=key,
        TROUSSEAU_ENCRYPTION_KEYS=f"test:{key}",
        TROUSSEAU_ARGON2_MEMORY_KIB="1024",
        TROUSSEAU_ARGON2_PASSES="1",
        TROUSSEAU_CONNECTOR_FLOOR_MS="0",
        TROUSSEAU_PASSWORD_FLOOR_MS="0",
        TROUSSEAU_OUTGOING_ALLOWED="127.0.0.1",
        TROUSSEAU_MAIL_BOUNCE="bounces@trousseau.example",
        TROUSSEAU_MAIL_HOOK_SECRET="the-mail-provider-shows-this-to-the-hook",
        TROUSSEAU_MAILS_PER_NETWORK="1000000",  # all of a run's browsers are one network
        TROUSSEAU_BASE_URL=f"http://127.0.0.1:{_listener().getsockname()[1]}",
    )


_listening: list[socket.socket] = []


def _listener() -> socket.socket:
    """The web server's socket: bound before the settings are read, because the issuers' addresses hold its port."""
    if not _listening:
        made = socket.socket()
        made.bind(("127.0.0.1", 0))
        made.listen(128)
        _listening.append(made)
    return _listening[0]


@pytest.fixture(scope="session")
def postgres() -> EmbeddedPostgres:
    """The run's PostgreSQL, attached to."""
    server = EmbeddedPostgres(Path(os.environ[HOME]), in_memory=True, fsync=False)
    server.ensure()
    return server


@pytest.fixture(scope="session")
def database(postgres: EmbeddedPostgres) -> str:
    """The name of this process's own database."""
    name = "test_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    postgres.create_database(name, template=TEMPLATE)
    return name


@pytest.fixture(scope="session")
def inbox() -> Iterator[Inbox]:
    """Where all mail arrives."""
    started = Inbox()
    _in_a_thread(started.start)
    os.environ["TROUSSEAU_SMTP_URL"] = f"smtp://127.0.0.1:{started.smtp_port}"
    settings.cache_clear()
    yield started
    _in_a_thread(started.stop)


def _in_a_thread(act: Callable[[], object]) -> None:
    """A test's browser may hold this thread's event loop, and the inbox needs one of its own."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


@pytest.fixture(scope="session")
def application(postgres: EmbeddedPostgres, database: str, inbox: Inbox) -> Iterator[Flask]:  # noqa: ARG001 - the inbox's address
    """The web application on this process's database."""
    where = Addresses(
        postgres.url(APPLICATION, database), postgres.url(OWNER, database), os.environ["TROUSSEAU_TEST_QUEUE"]
    )
    made = create_app(settings(), where)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def broker(application: Flask) -> Iterator[str]:
    """The address of the running web server."""
    host, port = _listener().getsockname()
    with served(application, host, port, fd=_listener().fileno()):
        yield settings().base_url


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application's context, for tests that call services; whatever they leave open is rolled back."""
    with application.app_context():
        yield application
        db.session.rollback()


@pytest.fixture
def world(broker: str, application: Flask, inbox: Inbox) -> Iterator[World]:
    """Syndics, clients, accounts and workers of one test; its clock stands right again afterwards."""
    yield World(broker, application, inbox, outbox.drain)
    clock.shift(timedelta())
