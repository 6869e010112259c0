"""The circuit breaker of a lane: what trouble and answers make of it. It knows no database and no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FAILURES = 3
"""So many calls in a row without an answer open a lane."""
FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=15)
LONGEST_WISH = timedelta(hours=1)
"""How long a destination may ask to be left alone (`Retry-After`)."""

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True)
class Breaker:
    """What decides whether a lane may be used. Changes give a new one."""

    failures: int = 0
    open_until: datetime | None = None

    def state(self, now: datetime) -> State:
        """Closed: all may go. Open: nobody. Half-open: one may try."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half-open"

    def after_trouble(self, now: datetime, leave_for: timedelta | None = None) -> "Breaker":
        """One more call brought no answer, or the wish to be left alone, which is heard within bounds."""
        failures = self.failures + 1
        rest = timedelta()
        if failures >= FAILURES:
            rest = min(LONGEST_REST, FIRST_REST * 2 ** min(failures - FAILURES, 10))
        if leave_for is not None:
            rest = max(rest, min(leave_for, LONGEST_WISH))
        return Breaker(failures, now + rest if rest else self.open_until)

    def after_answer(self) -> "Breaker":
        """The destination lives."""
        return Breaker()
