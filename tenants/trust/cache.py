"""This process's picture of the registry: compared with the database at most every half second, drawn anew on change.

Nobody is answered from a picture that was last compared longer ago than that: what has ended stops everywhere
within a second of the acknowledged call. Where the database does not answer, neither does this.
"""

import os
import time
from functools import lru_cache
from math import inf
from threading import Lock
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from config.database import db, session, statements
from tenants.trust import drawing
from tenants.trust.picture import Picture

BELIEVED_S = 0.5
CHANGED = "trust_changed"


class Kept:
    """The picture of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looking = Lock()
        self._seen: tuple[Picture | None, float] = (None, -inf)
        """The picture, and when somebody last began to compare it: one pair, so that nobody reads half of each."""

    def picture(self) -> Picture:
        """The picture, compared at most `BELIEVED_S` ago. Whoever comes too late for that waits for the comparison."""
        found, at = self._seen
        if found is not None and time.monotonic() - at < BELIEVED_S:
            return found
        with self._looking:
            return self._looked()

    def doubt(self) -> None:
        """Compare at the next question."""
        self._seen = (self._seen[0], -inf)

    def _looked(self) -> Picture:
        found, at = self._seen
        if found is not None and time.monotonic() - at < BELIEVED_S:
            return found  # another thread has just looked
        began = time.monotonic()
        with statements(self._engine) as sql:
            if found is None or found.version != drawing.version(sql):
                found = drawing.snapshot(sql)
        self._seen = (found, began)
        return found


@lru_cache(maxsize=8)
def kept(engine: Engine) -> Kept:
    """The picture of the database behind an engine."""
    made = Kept(engine)
    _all.append(made)
    return made


_all: list[Kept] = []


def _forget() -> None:
    kept.cache_clear()
    _all.clear()


os.register_at_fork(after_in_child=_forget)  # a lock may have been held by a thread that the child does not have


def picture() -> Picture:
    """The picture of the application's database."""
    return kept(db.engine).picture()


def doubt() -> None:
    """Compare every picture of this process at its next question."""
    for each in _all:
        each.doubt()


def doubt_after_commit() -> None:
    """Let this process see at once what the current transaction changes, when it commits."""
    session().info[CHANGED] = True


@event.listens_for(db.session, "after_commit")
def _hint(work: Any) -> None:
    if work.info.pop(CHANGED, False):
        doubt()
