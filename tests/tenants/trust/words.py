"""DESIGN's words on trust, in plain Python over what was said and when: nothing of the registry's own code."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import product


@dataclass
class Period:
    """From its first instant; until the first of any number of ends."""

    since: datetime
    ends: list[datetime] = field(default_factory=list)

    def holds(self, at: datetime) -> bool:
        return self.since <= at and all(at < end for end in self.ends)


@dataclass
class Treaty:
    """An agreement. `opens` is by (from, to); nothing holds before it is accepted."""

    opens: dict[tuple[int, int], set[str]]
    period: Period
    accepted: datetime | None = None

    def grants(self, one: int, other: int, purpose: str, at: datetime) -> bool:
        signed = self.accepted is not None and self.accepted <= at
        return signed and self.period.holds(at) and purpose in self.opens.get((one, other), set())


@dataclass
class Club:
    """A circle: who was in it, when; `asked`: who waits at the door."""

    admission: str
    purposes: set[str]
    stays: list[tuple[int, Period]] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)

    def has(self, who: int, at: datetime) -> bool:
        return any(member == who and stay.holds(at) for member, stay in self.stays)

    def grants(self, one: int, other: int, purpose: str, at: datetime) -> bool:
        return purpose in self.purposes and self.has(one, at) and self.has(other, at)


@dataclass
class Words:
    """Everything that was said among so many syndics, numbered from 0."""

    syndics: int
    treaties: list[Treaty] = field(default_factory=list)
    clubs: list[Club] = field(default_factory=list)
    refusals: list[tuple[frozenset[int], Period]] = field(default_factory=list)
    resting: set[int] = field(default_factory=set)

    def reason(self, one: int, other: int, purpose: str, at: datetime) -> str:
        """Why `other` opens itself, or not, to what comes from `one`."""
        if one == other:
            return "same_syndic"
        if any({one, other} == pair and said.holds(at) for pair, said in self.refusals):
            return "denied"
        by_treaty = any(treaty.grants(one, other, purpose, at) for treaty in self.treaties)
        if not by_treaty and not any(club.grants(one, other, purpose, at) for club in self.clubs):
            return "not_trusted"
        if self.resting & {one, other}:
            return "inactive"
        return "agreement" if by_treaty else "circle"

    def answers(self, purposes: tuple[str, ...], at: datetime) -> dict[tuple[int, int, str], str]:
        """The reason for every pair and purpose."""
        numbers = range(self.syndics)
        return {
            (one, other, what): self.reason(one, other, what, at)
            for one, other, what in product(numbers, numbers, purposes)
        }


YES = {"same_syndic", "agreement", "circle"}
"""The reasons that allow."""
