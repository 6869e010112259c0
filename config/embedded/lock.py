"""The lock that tells whether any process of a server still lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FamilyLock:
    """A flock(2) that a server, its keeper and all their children inherit, so the last one to die frees it.

    A pid file cannot say this: it outlives a `kill -9`, its number may be given to somebody else, and it is
    silent about orphaned backends, which keep the shared memory and would make the next start fail.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def attempt(self) -> Iterator[int | None]:
        """Try once to take it: the descriptor to hand on to children, or None when somebody has it.

        On leaving, this process lets go; whoever inherited the descriptor meanwhile keeps the lock.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield descriptor if _take(descriptor, fcntl.LOCK_EX) else None
        finally:
            os.close(descriptor)

    def held(self) -> bool:
        """Whether a server of this home (or somebody starting one) lives."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _take(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
