"""What is wrong with a chain that does not verify, entry by entry. Pure: it reads no database."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tenants.audit.entries import GENESIS

Wrong = Literal["changed", "missing", "added", "reordered", "broken link"]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the entry that bears, or should bear, this sequence. `detail` is for people."""

    chain: uuid.UUID
    sequence: int
    wrong: Wrong
    detail: str


class Seen(NamedTuple):
    """An entry as it stands: its place, its two hashes, and the hash that its content has today."""

    sequence: int
    previous: bytes
    hash: bytes
    computed: bytes


class Placed(NamedTuple):
    """An entry, the place that the links give it, and whether a link leads to it."""

    entry: Seen
    place: int
    linked: bool


def inspect(chain: uuid.UUID, entries: Sequence[Seen]) -> list[Fault]:
    """Name every fault of a whole chain; `entries` in the order of their sequences. Empty: it is whole.

    The links give the true order, so a moved entry is told from a changed one, and one that no link leads
    to from one that belongs. An end cut off leaves no trace in the chain itself: an anchored head shows it.
    """
    faults: list[Fault] = []
    expected = 1
    placed = list(_by_links(entries))
    for found in placed:
        faults += _gap(chain, expected, found) + _faults_of(chain, found)
        expected = found.place + 1
    belonging = {found.entry for found in placed}
    faults += [
        Fault(chain, entry.sequence, "added", "no entry of the chain leads to it")
        for entry in entries
        if entry not in belonging
    ]
    return sorted(faults, key=lambda fault: fault.sequence)


def _gap(chain: uuid.UUID, expected: int, found: Placed) -> list[Fault]:
    last = found.place - 1
    if last < expected:
        return []
    return [Fault(chain, expected, "missing", f"from {expected} to {last}" if last > expected else "removed")]


def _faults_of(chain: uuid.UUID, found: Placed) -> list[Fault]:
    entry = found.entry
    if entry.sequence != found.place:
        return [Fault(chain, entry.sequence, "reordered", f"the links put it at {found.place}")]
    if entry.hash != entry.computed:
        return [Fault(chain, entry.sequence, "changed", "its content does not have its hash")]
    if not found.linked:
        return [Fault(chain, entry.sequence, "broken link", "it does not name the hash of the entry before it")]
    return []


def _by_links(entries: Sequence[Seen]) -> Iterator[Placed]:
    """Walk from link to link; where none leads on, go on at the next sequence that was not walked yet.

    After a gap nothing can be linked, so there a missing link is not held against the entry.
    """
    following = _successors(entries)
    walked: set[Seen] = set()
    rest = iter(entries)
    place, hashes = 1, {GENESIS}
    while True:
        entry = _next(hashes, following, walked)
        linked = entry is not None
        if entry is None:
            entry = next((other for other in rest if other.sequence >= place and other not in walked), None)
            if entry is None:
                return
            linked, place = entry.sequence > place, entry.sequence
        walked.add(entry)
        yield Placed(entry, place, linked)
        place, hashes = place + 1, {entry.hash, entry.computed}


def _successors(entries: Sequence[Seen]) -> dict[bytes, list[Seen]]:
    following: dict[bytes, list[Seen]] = {}
    for entry in entries:
        following.setdefault(entry.previous, []).append(entry)
    return following


def _next(hashes: set[bytes], following: dict[bytes, list[Seen]], walked: set[Seen]) -> Seen | None:
    """The entry that names one of these hashes; of several, one that has a successor itself: a forger's has none."""
    candidates = [entry for each in hashes for entry in following.get(each, ()) if entry not in walked]
    return min(candidates, key=lambda entry: (entry.hash not in following, entry.sequence), default=None)
