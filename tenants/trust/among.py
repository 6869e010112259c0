"""What stands between every two of several syndics, for what is only shown."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations

from config import clock
from tenants.trust import cache

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True)
class Apart:
    """Pairs (a, b) of syndics, in both orders where it holds of both."""

    link: frozenset[Pair]
    """One identity may not get accounts at both (any more)."""
    switch: frozenset[Pair]
    """`b` does not accept a sign-in that took place at `a`."""


def apart(among: Collection[uuid.UUID], at: datetime | None = None) -> Apart:
    """Between which of these syndics there is no trust, at an instant (none: now): what `glance` says of each pair."""
    if len(set(among)) < 2:
        return Apart(frozenset(), frozenset())
    picture, moment = cache.picture(), at or clock.now()
    pairs = list(permutations(set(among), 2))
    refused = {
        purpose: frozenset(pair for pair in pairs if not picture.decide(*pair, purpose, moment).allowed)
        for purpose in ("link", "switch")
    }
    return Apart(**refused)
