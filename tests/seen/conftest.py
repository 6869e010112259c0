"""The processes, up for this folder: the real web server twice, the real worker and beat, and an internal address."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from flask import Flask
from sqlalchemy import func, or_, select

from broker.app import create_app
from broker.embedded import Addresses
from config import clock
from config.database import db, session
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.outbox import Promise
from config.settings import settings
from demo.crew import Crew
from demo.inbox import Inbox
from demo.running import Program
from tests.browser import Browser
from tests.conftest import TEMPLATE
from tests.journeys.extranets import free_port
from tests.queues import queue_of
from tests.seen.relay import Relay
from tests.world import World

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
PATIENCE_S = 60
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")


@dataclass(frozen=True)
class Service:
    """Two web processes and a worker, with one internal address for all they count."""

    base: str
    metrics: str
    folder: Path
    database: str
    owner_url: str
    relay: Relay
    """Where mail is handed over."""
    world: World
    """What operators do, on the same database; its work is the real worker's, waited for."""

    def counted(self, name: str, **labels: str) -> float:
        """The sum of a figure over all lines that have these labels."""
        total = 0.0
        for line in httpx2.get(self.metrics).text.splitlines():
            found = SAMPLE.match(line)
            if (
                found
                and found[1] == name
                and all(f'{key}="{value}"' in (found[2] or "") for key, value in labels.items())
            ):
                total += float(found[3])
        return total

    def eventually(self, name: str, at_least: float, **labels: str) -> None:
        """Return once a figure is as high as was promised."""
        end = time.monotonic() + PATIENCE_S
        while (now := self.counted(name, **labels)) < at_least:
            assert time.monotonic() < end, f"{name}{labels} counts {now}, not {at_least}"
            time.sleep(0.1)

    def logged(self) -> str:
        """Everything that the programs have written."""
        return "".join((self.folder / f"{name}.log").read_text("utf-8") for name in ("web", "worker", "beat"))

    def lines(self, program: str, event: str) -> list[dict[str, str]]:
        """The log lines of a program that tell of an event."""
        log = (self.folder / f"{program}.log").read_text("utf-8")
        found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        return [line for line in found if line.get("event") == event]


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A visitor; this server keeps connections open."""
    with closing(Browser()) as made:
        yield made


def _settled(application: Flask) -> Callable[[], int]:
    """Wait until the real worker has kept whatever is due, or postponed it."""

    def wait() -> int:
        end = time.monotonic() + PATIENCE_S
        while _due(application):
            assert time.monotonic() < end, "the worker keeps what was promised"
            time.sleep(0.05)
        return 0

    return wait


def _due(application: Flask) -> int:
    with application.app_context():
        now = clock.now()
        held = or_(Promise.leased_until.is_not(None), Promise.due_at <= now)
        count = select(func.count()).where(Promise.done_at.is_(None), Promise.stuck_at.is_(None), held)
        return session().scalar(count) or 0


@pytest.fixture(scope="session")
def service(postgres: EmbeddedPostgres, inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The processes, up for all tests of this folder."""
    folder, database = tmp_path_factory.mktemp("seen"), f"seen_{WORKER}"
    postgres.create_database(database, template=TEMPLATE)
    base, metrics = f"http://127.0.0.1:{free_port()}", free_port()
    relay = Relay(inbox.smtp_port)
    relay.open()
    crew = Crew(
        {
            **os.environ,
            "TROUSSEAU_HOME": str(folder),
            "TROUSSEAU_BASE_URL": base,
            "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database),
            "TROUSSEAU_MIGRATION_DATABASE_URL": postgres.url(OWNER, database),
            "TROUSSEAU_REDIS_URL": queue_of("seen"),
            "TROUSSEAU_SMTP_URL": relay.url,
            "TROUSSEAU_METRICS": f"127.0.0.1:{metrics}",
        }
    )
    try:
        crew.start(_web(base, folder / "web.log"))
        crew.start(Program("beat", ("-m", "workers", "beat"), folder / "beat.log"))
        crew.start(Program("worker", ("-m", "workers", "worker"), folder / "worker.log"))
        crew.await_answer("web", f"{base}/readyz")
        crew.await_answer("metrics", f"http://127.0.0.1:{metrics}/metrics")
        where = Addresses(postgres.url(APPLICATION, database), None, "redis://127.0.0.1:9/0")
        application = create_app(settings(), where)
        world = World(base, application, inbox, _settled(application))
        yield Service(
            base, f"http://127.0.0.1:{metrics}/metrics", folder, database, postgres.url(OWNER, database), relay, world
        )
        with application.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        crew.stop()
        relay.close()
        postgres.drop_database(database)


def _web(base: str, log: Path) -> Program:
    host, _, port = base.removeprefix("http://").partition(":")
    server = ("-m", "granian", "--interface", "wsgi", "--factory", "broker.wsgi:application", "--http", "1", "--no-ws")
    size = ("--no-http1-keep-alive", "--workers", "2", "--blocking-threads", "2", "--workers-kill-timeout", "3")
    return Program("web", (*server, *size, "--host", host, "--port", port), log)
