"""How well a threshold on the times would tell two classes apart: the area under its ROC curve (AUC).

It is the share of all pairs in which the known name's answer took longer (Mann and Whitney, 1947): 0.5 is a coin.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import median, stdev

NORMAL_95 = 1.96
GOAL = 0.55
"""At most, and as much on the other side of a coin."""


MEDIAN = 1.2533
"""The standard error of a median is as many times that of a mean (of a normal distribution)."""


@dataclass(frozen=True)
class Judgement:
    """The AUC of all pairs with its 95 % interval, and the median of the blocks' own AUCs (neighbours in time)."""

    auc: float
    low: float
    high: float
    blocks: float
    blocks_error: float
    """The standard error of that median; infinite for a single block."""

    @property
    def tells(self) -> bool:
        """Whether the goal is missed, on either side of a coin, by more than chance does with so few names."""
        far = GOAL - 0.5
        over = abs(self.auc - 0.5) > far and not self.low <= 0.5 <= self.high
        return over or abs(self.blocks - 0.5) > max(far, NORMAL_95 * self.blocks_error)


Block = tuple[Sequence[float], Sequence[float]]
"""Times of known names and of unknown ones, measured in the same moments."""


def judged(blocks: Sequence[Block]) -> Judgement:
    """Judge the times of all blocks; none may be empty on either side."""
    known = [time for block in blocks for time in block[0]]
    unknown = [time for block in blocks for time in block[1]]
    area, areas = auc(known, unknown), [auc(*block) for block in blocks]
    error = MEDIAN * stdev(areas) / sqrt(len(areas)) if len(areas) > 1 else inf
    return Judgement(area, *interval(area, len(known), len(unknown)), median(areas), error)


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
