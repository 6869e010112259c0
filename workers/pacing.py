"""How fast a backlog drains: at full speed where the machine is idle, slowly beside those who wait for a page.

The sign is one statement that is always the same, the mark that begins an attempt. Where marks take much longer than
the quickest of late, others want the database or our cores, and a pause follows each full batch; a promise that was
just made comes in a batch that is not full, and waits for nothing. (After « Progress-based regulation of low-importance
processes », Douceur and Bolosky, SOSP 1999.)
"""

import time
from dataclasses import dataclass, field

TIGHT = 3.5
"""So many times the quickest mark, others wait. A drain that has two cores to itself stays below 2.8 (measured)."""
PAUSES = 8.0
"""Times the batch's own length."""
LONGEST_S = 0.5
WEIGHT = 0.3
"""Of the newest batch, against those before it: one slow batch is no sign."""
WINDOW = 1_000
"""The quickest is looked for in this many marks, and in as many before them: the quiet of last night is no measure."""


@dataclass
class Pace:
    """What one worker process knows of the others' need. Times are in seconds."""

    _marks: list[float] = field(default_factory=list)
    _usual: float | None = None
    _seen: int = 0
    _quickest: float = float("inf")
    _quickest_before: float = float("inf")

    def took(self, mark_s: float) -> None:
        """Note how long a mark took."""
        self._marks.append(mark_s)
        self._quickest = min(self._quickest, mark_s)
        self._seen += 1
        if self._seen == WINDOW:
            self._seen, self._quickest_before, self._quickest = 0, self._quickest, float("inf")

    def pause(self, batch_s: float) -> float:
        """How long to leave the machine to others, after a full batch that took so long."""
        self._weigh()
        quickest = min(self._quickest, self._quickest_before)
        if self._usual is None or self._usual <= TIGHT * quickest:
            return 0.0
        return min(LONGEST_S, PAUSES * batch_s)

    def _weigh(self) -> None:
        """Let the marks since the last time count."""
        if not self._marks:
            return
        mean = sum(self._marks) / len(self._marks)
        self._usual = mean if self._usual is None else WEIGHT * mean + (1 - WEIGHT) * self._usual
        self._marks.clear()


pace = Pace()
"""This process's."""


def give_way(batch_s: float) -> None:
    """Sleep as long as others need it, after a full batch that took so long."""
    time.sleep(pace.pause(batch_s))
