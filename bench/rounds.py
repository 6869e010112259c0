"""Two servers, visited in turn: a slow minute of the machine meets both."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.asking import Wire
from bench.driver import CONNECTIONS, Load, Reading, drive
from bench.figures import Pair, ratios, summed_up
from bench.flow import Flow
from bench.target import Target
from bench.visitors import Visitor, read, write

OPERATIONS = ("flow", "refresh", "userinfo", "introspection", "discovery", "jwks")
WITH_TOKENS = ("refresh", "userinfo", "introspection")
WARM_PASSAGES, WARM_S = 3_000, 3.0
"""Node compiles for some thousand flows before it is at its best, and ours are to beat it then: so both are warmed
by flows, however slow the machine is at that moment."""


class Rounds:
    """So many rounds of so many seconds, with the driver on one core."""

    def __init__(self, count: int, seconds: float, core: int) -> None:
        self._count = count
        self._seconds = seconds
        self._core = core

    def pairs(self, operation: str, theirs: Target, ours: Target) -> list[Pair]:
        """Warm both, then visit them in turn."""
        for target in (theirs, ours):
            self._warm(target, operation)
        return [
            (self.visit(theirs, operation, self._seconds), self.visit(ours, operation, self._seconds))
            for _ in range(self._count)
        ]

    def _warm(self, target: Target, operation: str) -> None:
        passed = 0
        while passed < WARM_PASSAGES:
            passed += self.visit(target, operation, WARM_S).flows

    def visit(self, target: Target, operation: str, seconds: float, first: int | None = None) -> Reading:
        """One visit, with fresh tokens where the operation needs some.

        `first` is the visitor to begin with; without it each visit begins with somebody else, so that it is not
        always the same few who sign in.
        """
        if operation in WITH_TOKENS:
            with _given_tokens(target) as file:
                return drive(target, Load(operation, file, 0, seconds, self._core, refreshes=True))
        begin = random.randrange(target.count) if first is None else first  # noqa: S311 - no secret
        load = Load(operation, target.visitors, begin, seconds, self._core, gives_refresh_tokens(target))
        return drive(target, load)


def offered(target: Target) -> set[str]:
    """The operations that a server can do."""
    flow, visitor = _flow(target), read(target.visitors)[0]
    found = {"flow", "userinfo", "discovery", "jwks"}
    if "introspection_endpoint" in flow.discovery(visitor):
        found.add("introspection")
    return found | ({"refresh"} if gives_refresh_tokens(target) else set())


def gives_refresh_tokens(target: Target) -> bool:
    """Whether the flow ends with a refresh token."""
    flow, visitor = _flow(target), read(target.visitors)[0]
    return "refresh_token" in flow.whole(visitor)


def told(pairs: list[Pair]) -> dict[str, Any]:
    """`{"theirs", "ours", "ratio"}` of the rounds of one operation."""
    return {
        "theirs": summed_up([theirs for theirs, _ in pairs]),
        "ours": summed_up([ours for _, ours in pairs]),
        "ratio": ratios(pairs),
    }


@contextmanager
def _given_tokens(target: Target) -> Iterator[Path]:
    """A file of one visitor for each connection, who has just been given tokens."""
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".visitors") as file:
        path = Path(file.name)
        chosen = random.sample(read(target.visitors), CONNECTIONS)
        write(path, [_with_tokens(_flow(target), visitor) for visitor in chosen])
        yield path


def _with_tokens(flow: Flow, visitor: Visitor) -> Visitor:
    given = flow.token(visitor, flow.authorize(visitor))
    return replace(visitor, access_token=given["access_token"], refresh_token=given.get("refresh_token", ""))


def _flow(target: Target) -> Flow:
    return Flow(Wire(target.port, target.headers), target.endpoints)
