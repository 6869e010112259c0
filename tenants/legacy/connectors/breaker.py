"""A circuit breaker: a source that does not answer is left alone for a while, and nobody waits for it meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config import clock
from tenants.legacy.connectors.contract import SourceUnavailable

FAILURES = 5
OPEN_FOR = timedelta(seconds=15)


@dataclass
class Breaker:
    """Opens after `FAILURES` failures in a row; after `OPEN_FOR`, one call may try while the others still wait."""

    _failures: int = 0
    _retry_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Make a call, and note what became of it; an answer of the contract, even a refusal, is a success.

        Raises:
            SourceUnavailable: the breaker is open, or the call said so.
        """
        if not self.lets_through():
            raise SourceUnavailable("the breaker is open after repeated failures")
        try:
            yield
        except SourceUnavailable:
            self.failed()
            raise
        self.succeeded()

    def lets_through(self) -> bool:
        """Whether a call may be made now. Each trial call of an open breaker starts the wait anew."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            now = clock.now()
            if self._retry_at is not None and now < self._retry_at:
                return False
            self._retry_at = now + OPEN_FOR
            return True

    def succeeded(self) -> None:
        """The source answered."""
        with self._lock:
            self._failures, self._retry_at = 0, None

    def failed(self) -> None:
        """The source did not answer, or not by the contract."""
        with self._lock:
            self._failures += 1
            self._retry_at = clock.now() + OPEN_FOR
