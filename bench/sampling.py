"""Where CPU time goes: the stack is looked at as CPU time passes (setitimer(2), ITIMER_PROF), and named by its owner.

A look costs a few microseconds, so it disturbs little; the kernel's tick (1 to 4 ms) sets how many there are.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
DEEP = 60


class Samples:
    """What the looks found: `owners` and `functions` count looks by who was at work, `below` by all who had asked."""

    def __init__(self) -> None:
        self.owners: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()
        self.below: Counter[str] = Counter()
        self.inside = False

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look while inside; only looks that find `inside` set are counted. For the main thread."""
        before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def shares(self) -> dict[str, float]:
        """The share of each owner, the largest first."""
        total = self.owners.total() or 1
        return {name: count / total for name, count in self.owners.most_common()}

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if not self.inside:
            return
        owner, place = _owned(frame)
        self.owners[owner] += 1
        self.functions[f"{owner}: {place}"] += 1
        self.below.update(set(_askers(frame)))


def _owned(frame: FrameType | None) -> tuple[str, str]:
    """The owner of the innermost frame that has one, and that frame's function."""
    for _ in range(DEEP):
        if frame is None:
            break
        path = frame.f_code.co_filename
        for part, owner in OWNERS:
            if part in path:
                return (
                    owner,
                    f"{path.rpartition(part)[1].strip('/')}/{path.rpartition(part)[2]}:{frame.f_code.co_qualname}",
                )
        frame = frame.f_back
    return OTHER, "?"


def _askers(frame: FrameType | None) -> Iterator[str]:
    """Every function on the stack that has an owner."""
    while frame is not None:
        path = frame.f_code.co_filename
        for part, _ in OWNERS:
            if part in path:
                yield f"{part.strip('/')}/{path.rpartition(part)[2]}:{frame.f_code.co_qualname}"
                break
        frame = frame.f_back
