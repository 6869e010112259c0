"""The extranet of a fault test: a strict `http` source that notes every call, and fails as it is told."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.contracts.syndic_service import Answer, Fault, SyndicService, respond

HELD_S = 10.0


@dataclass(frozen=True)
class Troubles:
    """How often, of all calls: the answer is lost after the effect, a 500 comes before it, an answer takes too long."""

    lost: float = 0.0
    failing: float = 0.0
    stalled: float = 0.0
    stall_s: float = 0.0


@dataclass
class Held:
    """The first call for one of these accounts: `port` is its caller's, 0 until it comes."""

    accounts: frozenset[str]
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)


@dataclass
class Extranet(SyndicService):
    """`calls`: how often each effect was asked for, by verb and idempotency key."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    troubles: Troubles = Troubles()
    seed: int = 0
    held: "Held | None" = None
    """The call that is kept waiting."""
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Draw lots as the seed says."""
        self._random = random.Random(self.seed)  # noqa: S311 - a seed makes a fault come again

    def hold_next(self, accounts: list[str]) -> "Held":
        """Keep the next disablement of one of these waiting before its effect, until it is let go."""
        self.held = Held(frozenset(accounts))
        return self.held

    def hears(self, path: str, body: bytes, port: int) -> None:
        """Keep the caller waiting, if this call is the one."""
        held = self.held
        with self._alone:
            if held is None or held.port or not path.endswith("/disable"):
                return
            if json.loads(body)["identifier"] not in held.accounts:
                return
            held.port = port
        held.let_go.wait(HELD_S)

    def act(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One call at a time: the counts must be exact."""
        with self._alone:
            if self._random.random() < self.troubles.failing:
                return 500, {}
            if "idempotency-key" in headers:
                self.calls[path.rpartition("/")[2], headers["idempotency-key"]] += 1
            return super().act(method, path, body, headers)

    def strikes(self) -> Fault | None:
        """What is wrong with this answer, drawn by lot."""
        with self._alone:
            number = self._random.random()
        if number < self.troubles.lost:
            return _hang_up
        if number < self.troubles.lost + self.troubles.stalled:
            return self._stall
        return None

    def effects(self, verb: str) -> int:
        """How many effects took place."""
        return sum(1 for done, _ in self.calls if done == verb)

    def repeated(self, verb: str) -> int:
        """How many calls asked for an effect that had been asked for before: allowed, and harmless."""
        return sum(count - 1 for (done, _), count in self.calls.items() if done == verb)

    def _stall(self, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(self.troubles.stall_s)
        respond(handler, 200, json.dumps({}).encode())


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()
