"""Counts every statement that this process sends to PostgreSQL, by whatever way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile: those of the unit of work, and plain ones."""
    sent: list[str] = []
    real = psycopg.Cursor.execute

    def execute(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        sent.append(" ".join(str(query).split()))
        return real(self, query, *rest, **more)

    psycopg.Cursor.execute = execute  # type: ignore[method-assign]  # every cursor is counted
    try:
        yield sent
    finally:
        psycopg.Cursor.execute = real  # type: ignore[method-assign]  # and then none
