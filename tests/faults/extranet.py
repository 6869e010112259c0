"""The extranet of a fault test: a strict `http` source that notes every call, and fails as it is told."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.contracts.syndic_service import Answer, Fault, SyndicService, respond


@dataclass(frozen=True)
class Troubles:
    """How often, of all calls: the answer is lost after the effect, a 500 comes before it, an answer takes too long."""

    lost: float = 0.0
    failing: float = 0.0
    stalled: float = 0.0
    stall_s: float = 0.0


@dataclass
class Extranet(SyndicService):
    """`calls`: how often each effect was asked for, by verb and idempotency key."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    troubles: Troubles = Troubles()
    seed: int = 0
    pace_s: float = 0.0
    """What each call takes."""
    under_way: int = 0
    """Calls that have come and have no effect yet."""
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Draw lots as the seed says."""
        self._random = random.Random(self.seed)  # noqa: S311 - a seed makes a fault come again

    def act(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One call at a time: the counts must be exact."""
        with self._alone:
            self.under_way += 1
        time.sleep(self.pace_s)
        with self._alone:
            self.under_way -= 1
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
