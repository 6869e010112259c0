"""The whole registry as it was at one version, in memory: answers in microseconds, for what is only shown.

Nothing in it changes. Instants are compared when it is asked, so what is to begin or to end does so to the
microsecond without a new picture. `tenants.trust.conditions` says the same in SQL.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tenants.trust.decisions import DENIED, INACTIVE, NOT_TRUSTED, SAME_SYNDIC, Decision

Pair = tuple[uuid.UUID, uuid.UUID]
Span = tuple[datetime, datetime | None]
"""From an instant (included) until an instant (excluded; none: open)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agreement opens in one direction, while it holds."""

    span: Span
    purposes: frozenset[str]
    answer: Decision


@dataclass(frozen=True, slots=True)
class Circle:
    """What a circle opens among its members."""

    purposes: frozenset[str]
    answer: Decision


Memberships = Mapping[int, tuple[Span, ...]]
"""A syndic's memberships by the place of the circle in `Picture.circles`."""
NOWHERE: Memberships = {}


@dataclass(frozen=True, slots=True)
class Picture:
    """All that `decide` needs. `grants` are by (from, to), `denials` by both orders of their pair."""

    version: int
    inactive: frozenset[uuid.UUID]
    denials: Mapping[Pair, tuple[Span, ...]]
    grants: Mapping[Pair, tuple[Grant, ...]]
    circles: tuple[Circle, ...]
    members: Mapping[uuid.UUID, Memberships]

    def decide(self, a: uuid.UUID, b: uuid.UUID, purpose: str, at: datetime) -> Decision:
        """As `service.decide`: a denial first, then agreements, then circles, each in the order they were made."""
        if a == b:
            return SAME_SYNDIC
        if _any_holds(self.denials.get((a, b), ()), at):
            return DENIED
        found = self._agreement(a, b, purpose, at) or self._circle(a, b, purpose, at)
        if found is None:
            return NOT_TRUSTED
        return INACTIVE if a in self.inactive or b in self.inactive else found

    def _agreement(self, a: uuid.UUID, b: uuid.UUID, purpose: str, at: datetime) -> Decision | None:
        for grant in self.grants.get((a, b), ()):
            if purpose in grant.purposes and _holds(grant.span, at):
                return grant.answer
        return None

    def _circle(self, a: uuid.UUID, b: uuid.UUID, purpose: str, at: datetime) -> Decision | None:
        ours, theirs = self.members.get(a, NOWHERE), self.members.get(b, NOWHERE)
        for place in sorted(ours.keys() & theirs.keys()):
            circle = self.circles[place]
            if purpose in circle.purposes and _any_holds(ours[place], at) and _any_holds(theirs[place], at):
                return circle.answer
        return None


def _any_holds(spans: tuple[Span, ...], at: datetime) -> bool:
    return any(_holds(span, at) for span in spans)


def _holds(span: Span, at: datetime) -> bool:
    since, until = span
    return since <= at and (until is None or at < until)
