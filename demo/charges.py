"""Something to look at in an extranet: invented calls of charges, the same for one account each time."""

from dataclasses import dataclass
from random import Random

QUARTERS = ("1er octobre 2026", "1er juillet 2026", "1er avril 2026", "1er janvier 2026")


@dataclass(frozen=True)
class Call:
    """One quarterly call: its date and its amount, as printed."""

    date: str
    amount: str


def calls_of(identifier: str) -> list[Call]:
    """The last four calls of the account, newest first."""
    rng = Random(identifier)  # noqa: S311 - invented amounts
    base = rng.randrange(18_000, 72_000)
    cents = [base + rng.randrange(-900, 900) for _ in QUARTERS]
    return [Call(date, _euros(amount)) for date, amount in zip(QUARTERS, cents, strict=True)]


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"
