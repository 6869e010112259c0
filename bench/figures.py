"""Figures of several rounds: the median says it, the range says how sure it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.driver import Reading


@dataclass(frozen=True)
class Figure:
    """Median, lowest and highest of the rounds."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3g} [{self.low:.3g}..{self.high:.3g}]"


Pair = tuple[Reading, Reading]
"""What two servers showed in one round: the one to compare with, and ours."""

COSTS: dict[str, Callable[[Reading], float]] = {
    "server_cpu": lambda one: one.server_cpu_ms,
    "database_cpu": lambda one: one.database_cpu_ms,
    "all_cpu": lambda one: one.server_cpu_ms + one.database_cpu_ms,
    "p99": lambda one: one.p99_ms,
    "memory": lambda one: one.memory_mib,
}
"""What is better the smaller it is."""
SHOWN = ("per_s", "p50_ms", "p99_ms", "server_cpu_ms", "database_cpu_ms", "memory_mib", "busy")


def figure(values: Sequence[float]) -> Figure:
    """The figure of these values, at least one."""
    return Figure(round(median(values), 5), round(min(values), 5), round(max(values), 5))


def summed_up(readings: Sequence[Reading]) -> dict[str, Any]:
    """`{"per_s": {"median", "low", "high"}, …}` of one server's rounds."""
    return {name: vars(figure([getattr(one, name) for one in readings])) for name in SHOWN}


def ratios(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Theirs / ours of each cost, round by round: above 1, ours is the cheaper. A cost of nothing has no ratio."""
    found = {}
    for name, cost in COSTS.items():
        values = [cost(theirs) / cost(ours) for theirs, ours in pairs if cost(ours)]
        if values:
            found[name] = vars(figure(values))
    return found
