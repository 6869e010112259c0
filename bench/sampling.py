"""Where CPU time goes: the stack is looked at as CPU time passes (setitimer(2), ITIMER_PROF), and named by its owner.

A look costs a few microseconds, so it disturbs little; the kernel's tick (1 to 4 ms) sets how many there are.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

EVERY_S = 0.001
OWNERS = (
    ("/joserfc/", "JOSE: signing, verifying"),
    ("/cryptography/", "JOSE: signing, verifying"),
    ("/psycopg/", "PostgreSQL client"),
    ("/psycopg_binary/", "PostgreSQL client"),
    ("/sqlalchemy/", "SQLAlchemy"),
    ("/flask_sqlalchemy/", "SQLAlchemy"),
    ("/authlib/", "Authlib"),
    ("/structlog/", "logging"),
    ("/flask", "Flask and Werkzeug"),
    ("/werkzeug/", "Flask and Werkzeug"),
    ("/jinja2/", "Flask and Werkzeug"),
    ("/blinker/", "Flask and Werkzeug"),
    ("/broker/", "our own code"),
    ("/tenants/", "our own code"),
    ("/config/", "our own code"),
)
"""Part of a file's path, and who owns the time spent there or in what it calls of the standard library."""
OTHER = "the rest"


@dataclass
class Samples:
    """Looks counted by owner, by the function at work, and by every function that had asked for that work."""

    owners: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    below: Counter[str] = field(default_factory=Counter)

    def look(self, frame: FrameType | None) -> None:
        """Count what this stack shows."""
        owner, place = _owned(frame)
        self.owners[owner] += 1
        self.functions[f"{owner}: {place}"] += 1
        self.below.update(set(_askers(frame)))


class Sampler:
    """Looks at the main thread, and counts by the name of what is being done, while something is."""

    def __init__(self) -> None:
        self.found: dict[str, Samples] = {}
        self._now: Samples | None = None

    @contextmanager
    def watch(self, name: str) -> Iterator[None]:
        """What happens inside is counted under `name`."""
        self._now = self.found.setdefault(name, Samples())
        yield
        self._now = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look, while inside."""
        before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if self._now is not None:
            self._now.look(frame)


def _frames(frame: FrameType | None) -> Iterator[tuple[str, str]]:
    """(owner, function) of every frame that has an owner, the innermost first."""
    while frame is not None:
        path = frame.f_code.co_filename
        for part, owner in OWNERS:
            if part in path:
                yield owner, f"{part.strip('/')}/{path.rpartition(part)[2]}:{frame.f_code.co_qualname}"
                break
        frame = frame.f_back


def _owned(frame: FrameType | None) -> tuple[str, str]:
    return next(_frames(frame), (OTHER, "?"))


def _askers(frame: FrameType | None) -> Iterator[str]:
    return (function for _, function in _frames(frame))
