"""Filling one database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import psycopg

from bench.population.copying import copy
from bench.population.people import People
from bench.population.sessions import Sessions
from bench.population.syndics import Syndics
from bench.visitors import Visitor
from broker.identities import passwords
from broker.web import cookies
from config import clock
from config.settings import settings

PASSWORD = "quatre petits bancs verts"
"""Of every identity: hashing a million would take hours."""


@dataclass(frozen=True)
class Size:
    """How many of each."""

    syndics: int
    identities: int
    sessions: int


class Population:
    """All rows of one database; private keys are sealed with the key ring of the settings."""

    def __init__(self, size: Size, now: datetime | None = None) -> None:
        made = now or clock.now()
        self._syndics = Syndics(size.syndics, settings().keys, made)
        self._people = People(size.identities, size.syndics, passwords.hashed(PASSWORD), made)
        self._sessions = Sessions(size.sessions, self._people, made)

    def fill(self, connection: psycopg.Connection[Any], tell: Callable[[str], None]) -> None:
        """Copy everything into a migrated, empty database, in one transaction."""
        parts = (self._syndics, self._people, self._sessions)
        with connection.transaction():
            for table in chain.from_iterable(part.tables() for part in parts):
                tell(f"{table.name}: {copy(connection, table):,} rows")

    def visitors(self) -> Iterator[Visitor]:
        """The browsers of all sessions, neighbours far apart from one another."""
        return self._sessions.visitors(cookies.name("session"))
