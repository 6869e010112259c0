"""Promises of nothing: made as services make them, and what became of them, read from their rows."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from bench.failures import BenchError
from bench.relay.worker import TOPIC
from broker.app import create_app
from broker.embedded import Addresses
from broker.web import queue
from config import logging as logs
from config.database import db, statements, transaction
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.outbox import promise, promise_all
from config.settings import settings

AT_ONCE = 5_000
LOOK_S = 1.0


@dataclass(frozen=True)
class Promises:
    """A database's promises."""

    app: Flask
    name: str

    def make(self, count: int, since: str) -> None:
        """Promise so many acts, `since` in their keys, in transactions of thousands; no hint is sent."""
        with self.app.app_context():
            for first in range(0, count, AT_ONCE):
                with transaction() as work:
                    keys = range(first, min(count, first + AT_ONCE))
                    promise_all(TOPIC, {f"{TOPIC}:{since}:{number}": {} for number in keys})
                    work.info.clear()

    def make_one(self, key: str) -> None:
        """Promise one act as a web process does: its commit sends a hint."""
        with self.app.app_context(), transaction():
            promise(TOPIC, {}, f"{TOPIC}:{key}")

    def wake(self, times: int) -> None:
        """Send hints, as commits do."""
        for _ in range(times):
            queue.wake(os.environ["TROUSSEAU_REDIS_URL"], TOPIC)

    def done(self, since: str) -> list[tuple[datetime, datetime]]:
        """When each of the promises was made and kept."""
        with self.app.app_context(), statements() as sql:
            rows = sql.execute(
                "SELECT created_at, done_at FROM outbox WHERE topic = %s AND key LIKE %s AND done_at IS NOT NULL",
                (TOPIC, f"{TOPIC}:{since}:%"),
            ).fetchall()
        return [(row["created_at"], row["done_at"]) for row in rows]

    def waiting(self) -> int:
        """How many are not kept yet."""
        with self.app.app_context(), statements() as sql:
            row = sql.execute(
                "SELECT count(*) AS open FROM outbox WHERE topic = %s AND done_at IS NULL", (TOPIC,)
            ).fetchone()
        return int(row["open"]) if row else 0

    def await_all(self, within_s: float) -> None:
        """Return once all are kept.

        Raises:
            BenchError: they are not, after so long.
        """
        end = time.monotonic() + within_s
        while self.waiting():
            if time.monotonic() > end:
                raise BenchError(f"{self.waiting()} promises are not kept after {within_s:.0f} s")
            time.sleep(LOOK_S)


@contextmanager
def promises(postgres: EmbeddedPostgres, name: str) -> Iterator[Promises]:
    """The promises of a migrated database."""
    where = Addresses(postgres.url(APPLICATION, name), postgres.url(OWNER, name), os.environ["TROUSSEAU_REDIS_URL"])
    app = create_app(settings(), where)
    logs.configure(level=logging.WARNING)  # else each promise says that it was made
    yield Promises(app, name)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
