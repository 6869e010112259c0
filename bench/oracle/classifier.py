"""How well a threshold on the times would tell two classes apart: the area under its ROC curve (AUC).

It is the share of all pairs in which the known name's answer took longer (Mann and Whitney, 1947): 0.5 is a coin.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

NORMAL_95 = 1.96
GOAL = 0.55
"""At most, and as much on the other side of a coin."""


@dataclass(frozen=True)
class Judgement:
    """The AUC of all pairs with its 95 % interval, and the median of the blocks' own AUCs (neighbours in time)."""

    auc: float
    low: float
    high: float
    blocks: float

    @property
    def tells(self) -> bool:
        """Whether the goal is missed: by the estimate, on either side of a coin."""
        return max(abs(self.auc - 0.5), abs(self.blocks - 0.5)) > GOAL - 0.5


Block = tuple[Sequence[float], Sequence[float]]
"""Times of known names and of unknown ones, measured in the same moments."""


def judged(blocks: Sequence[Block]) -> Judgement:
    """Judge the times of all blocks; none may be empty on either side."""
    known = [time for block in blocks for time in block[0]]
    unknown = [time for block in blocks for time in block[1]]
    area = auc(known, unknown)
    low, high = interval(area, len(known), len(unknown))
    return Judgement(area, low, high, median(auc(*block) for block in blocks))


def auc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The share of pairs in which the known one is the larger; equal ones count half."""
    ordered = sorted(unknown)
    below = sum(bisect_left(ordered, time) + bisect_right(ordered, time) for time in known)
    return below / (2 * len(known) * len(unknown))


def interval(area: float, known: int, unknown: int) -> tuple[float, float]:
    """Its 95 % interval for that many of each (Hanley and McNeil, Radiology 143, 1982)."""
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    spread = (area * (1 - area) + (known - 1) * (one - area * area) + (unknown - 1) * (two - area * area)) / (
        known * unknown
    )
    half = NORMAL_95 * sqrt(max(spread, 0.0))
    return max(0.0, area - half), min(1.0, area + half)
