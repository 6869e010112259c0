"""Who trusts whom among thousands: large circles that overlap, small ones, agreements and denials across them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bench.population.copying import Row, Table
from bench.population.numbered import Kind, identifier

LARGEST = 2_000
SMALL, SMALL_CIRCLES = 20, 100
ALL_PURPOSES = "{link,switch,list}"


@dataclass(frozen=True)
class Network:
    """The rows of a registry among `syndics` syndics, in force since `since`."""

    syndics: int
    since: datetime

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their references."""
        yield Table("trust_circles", CIRCLE_COLUMNS, (self._circle(number) for number in range(len(self.circles()))))
        yield Table("trust_members", MEMBER_COLUMNS, self._members())
        yield Table("trust_agreements", AGREEMENT_COLUMNS, map(self._agreement, range(self.syndics)))
        yield Table("trust_denials", DENIAL_COLUMNS, map(self._denial, range(0, self.syndics, 10)))

    def circles(self) -> list[list[int]]:
        """The members of each circle: three of the largest size, each sharing half with the next, then small ones."""
        size = min(LARGEST, self.syndics)
        large = [[(first + place) % self.syndics for place in range(size)] for first in (0, size // 2, size)]
        step = max(1, self.syndics // SMALL)
        small = [[(first + place * step) % self.syndics for place in range(SMALL)] for first in range(SMALL_CIRCLES)]
        return [*large, *(list(dict.fromkeys(each)) for each in small)]

    def _circle(self, number: int) -> Row:
        return (
            identifier(Kind.CIRCLE, number), f"Cercle {number:03d}", "Charte 1", "operator", ALL_PURPOSES, self.since,
        )  # fmt: skip

    def _members(self) -> Iterator[Row]:
        count = 0
        for number, members in enumerate(self.circles()):
            for syndic in members:
                yield (
                    identifier(Kind.MEMBER, count), identifier(Kind.CIRCLE, number), identifier(Kind.SYNDIC, syndic),
                    self.since, False,
                )  # fmt: skip
                count += 1

    def _agreement(self, number: int) -> Row:
        other = (number + self.syndics // 2) % self.syndics
        return (
            identifier(Kind.AGREEMENT, number), identifier(Kind.SYNDIC, number), identifier(Kind.SYNDIC, other),
            "{link,switch}", "{link}", f"Convention {number}", self.since, self.since, self.since,
        )  # fmt: skip

    def _denial(self, number: int) -> Row:
        other = (number + 7) % self.syndics
        return (
            identifier(Kind.DENIAL, number), identifier(Kind.SYNDIC, number), identifier(Kind.SYNDIC, other),
            self.since,
        )  # fmt: skip


CIRCLE_COLUMNS = ("id", "name", "charter", "admission", "purposes", "created_at")
MEMBER_COLUMNS = ("id", "circle_id", "syndic_id", "valid_from", "to_tell")
AGREEMENT_COLUMNS = (
    "id", "proposer_id", "accepter_id", "forward", "backward", "document", "proposed_at", "accepted_at", "valid_from",
)  # fmt: skip
DENIAL_COLUMNS = ("id", "denier_id", "denied_id", "denied_at")
