"""Which cores what runs on: web servers on one, PostgreSQL and the driver on another, so that neither waits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """The core of the web servers and the core of everything else; the same one where there is only one."""

    servers: int
    rest: int

    @property
    def apart(self) -> bool:
        """Whether the web servers have a core for themselves."""
        return self.servers != self.rest


def split() -> Cores:
    """Share out the first two cores that we may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1] if len(allowed) > 1 else allowed[0])


@contextmanager
def on(core: int) -> Iterator[None]:
    """Whatever is started inside runs on this core: children inherit it (sched_setaffinity(2))."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
