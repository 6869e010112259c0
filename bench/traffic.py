"""How often each endpoint talks to PostgreSQL: libpq's own trace of its messages, counted by request."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine

ROUND_TRIP = re.compile(rb"^\S*\t?F\t\d+\t(?:Query|Sync)\b", re.MULTILINE)
"""What the client sends before it waits: a simple query, or the end of an extended one."""


class Traffic:
    """Round trips by the name of what was asked."""

    def __init__(self, engine: Engine) -> None:
        self._trips: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._traced: list[psycopg.Connection[Any]] = []
        event.listen(engine, "connect", self._trace)
        engine.dispose()

    @contextmanager
    def watch(self, name: str) -> Iterator[None]:
        """Count what happens inside under `name`."""
        before = self._count()
        yield
        self._trips[name] += self._count() - before
        self._calls[name] += 1

    def mean(self, name: str) -> float:
        """Round trips of one request of that name."""
        return self._trips[name] / max(1, self._calls[name])

    def _trace(self, connection: psycopg.Connection[Any], _record: Any) -> None:
        connection.pgconn.trace(self._file.fileno())
        connection.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)
        self._traced.append(connection)

    def _count(self) -> int:
        self._file.seek(0)
        return len(ROUND_TRIP.findall(self._file.read()))
