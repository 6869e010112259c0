"""Asking one name at a time over one kept connection, known and unknown ones mixed, with a clock beside it."""

import http.client
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from bench.asking import FORM
from bench.failures import BenchError
from bench.oracle.classifier import Block
from bench.oracle.walks import Step, Walk, Walks
from bench.running import HOST

SHOWN = re.compile(rb'name="shown" value="([^"]+)"')
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
BLOCKS = 20
MOST = 50
"""Names of each class in a block, at most: what disturbs the machine for a moment, disturbs both alike."""


class Stopwatch:
    """A visitor of the server at `port`; `headers` go with every request."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._headers = {name: value for name, value in headers.items() if name != "X-Forwarded-For"}
        self._shown: dict[str, str] = {}
        """What the last page of terms wants to hear again: which of them it has shown."""
        self._line = http.client.HTTPConnection(HOST, port, timeout=30)
        status, _, cookies, page = self._ask("GET", "/login", b"", {})
        found = TOKEN.search(page)
        if status != 200 or found is None:
            raise BenchError(f"the portal's login page was due, and came as {status}")
        self._token = found.group(1).decode()
        self._forms = dict(cookie.partition(";")[0].split("=", 1) for cookie in cookies)

    def blocks(self, walks: Walks) -> dict[str, list[Block]]:
        """Take all walks, block by block, in random order within each. Times in ms, by the steps' names."""
        found: dict[str, list[Block]] = {}
        number = 0
        for block in shuffled(walks):
            times: dict[str, tuple[list[float], list[float]]] = {}
            for walk in block:
                number += 1
                for step in walk.steps:
                    times.setdefault(step.name, ([], []))[0 if walk.known else 1].append(
                        self._timed(step, walk, number)
                    )
            for name, both in times.items():
                found.setdefault(name, []).append(both)
        return found

    def warm(self, walks: Walks) -> None:
        """Take these walks without looking at the clock."""
        self.blocks(walks)

    def _timed(self, step: Step, walk: Walk, number: int) -> float:
        cookies = {**self._forms, **walk.cookies}
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-Forwarded-For": f"10.{number >> 8 & 255}.{number & 255}.7",  # each name from a network of its own
        }
        method = "POST" if step.form else "GET"
        form = {"csrf_token": self._token, **self._shown, **step.form}
        body = urlencode(form).encode() if step.form else b""
        status, spent, _, page = self._ask(method, step.path, body, headers)
        self._shown = {"shown": found.group(1).decode()} if (found := SHOWN.search(page)) else {}
        if status != step.status:
            raise BenchError(f"{step.name}: {step.status} was due, and {status} came: {page[:600]!r}")
        return spent

    def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, float, Sequence[str], bytes]:
        """Status, milliseconds, cookies, body."""
        kind = {"Content-Type": FORM} if body else {}
        everything = {**self._headers, **headers, **kind}
        began = time.perf_counter()
        self._line.request(method, path, body or None, everything)
        answer = self._line.getresponse()
        page = answer.read()
        spent = (time.perf_counter() - began) * 1000
        return answer.status, spent, answer.headers.get_all("Set-Cookie", []), page


def shuffled(walks: Walks) -> Iterator[list[Walk]]:
    """Blocks with as many known names as unknown ones, each in a random order of its own."""
    known, unknown = walks
    size = max(1, min(MOST, len(known) // BLOCKS))
    for start in range(0, len(known), size):
        block = [*known[start : start + size], *unknown[start : start + size]]
        random.SystemRandom().shuffle(block)
        yield block
