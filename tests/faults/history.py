"""What owners did and what they were told: sent first, then acknowledged, refused, or unknown."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["sent", "acknowledged", "refused", "unknown"]
"""`unknown`: the answer was lost, or said that the service is unavailable; it may have happened or not."""


@dataclass
class Act:
    """One act that changes something or gives something. `facts` is what was asked for, and what came."""

    number: int
    kind: str
    began: float
    facts: dict[str, Any]
    outcome: Outcome = "sent"
    ended: float = 0.0

    def __str__(self) -> str:
        """As a judge prints it."""
        return f"#{self.number} {self.kind} {self.facts} {self.outcome}"


@dataclass
class Outages:
    """When clients got no good answer: the longest time between a failure and the next good answer of that client."""

    longest_s: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)
    pages: dict[int, int] = field(default_factory=dict)
    """Error pages by status."""
    unclear: list[str] = field(default_factory=list)
    """Error pages that do not say, in words and by `Retry-After`, that the service is back soon."""


class History:
    """Thread-safe, in the order of sending."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.outages = Outages()
        self.began = time.monotonic()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def sends(self, kind: str, **facts: Any) -> Act:
        """An act is about to be sent."""
        act = Act(next(self._numbers), kind, time.monotonic(), facts)
        with self._lock:
            self.acts.append(act)
        return act

    def ends(self, act: Act, outcome: Outcome, **facts: Any) -> None:
        """What became of it."""
        with self._lock:
            act.outcome, act.ended = outcome, time.monotonic()
            act.facts.update(facts)

    def failed(self, why: str) -> None:
        """A client got no good answer."""
        with self._lock:
            self.outages.failures[why] = self.outages.failures.get(why, 0) + 1

    def seen(self, status: int, text: str, retry_after: str | None) -> None:
        """An error page was shown."""
        clear = status == 503 and retry_after and ("momentanément indisponible" in text or "Réessayez" in text)
        with self._lock:
            self.outages.pages[status] = self.outages.pages.get(status, 0) + 1
            if not clear:
                self.outages.unclear.append(f"{status}: {text[:300]}")

    def recovered(self, after_s: float) -> None:
        """A client got a good answer again."""
        with self._lock:
            self.outages.longest_s = max(self.outages.longest_s, after_s)

    def of(self, kind: str, *outcomes: Outcome) -> list[Act]:
        """The acts of a kind, those with one of these outcomes where some are named."""
        with self._lock:
            return [act for act in self.acts if act.kind == kind and (not outcomes or act.outcome in outcomes)]

    def count(self, outcome: Outcome) -> int:
        """How many acts ended so."""
        with self._lock:
            return sum(1 for act in self.acts if act.outcome == outcome)
