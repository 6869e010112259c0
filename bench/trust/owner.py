"""One owner of a populated database who holds 200 accounts at 20 syndics of one circle."""

from collections.abc import Iterator
from datetime import datetime

from bench.population.copying import Row, Table
from bench.population.numbered import Kind, identifier, random_looking
from bench.population.people import ACCOUNT_COLUMNS, LINK_COLUMNS

OWNER = 0
"""The identity's number; its session is the first one, and its first account is at the first syndic."""
FIRST = 50_000_000
"""Numbers of these accounts and links: beyond those of everybody else."""


def tables(accounts: int, syndics: int, now: datetime) -> Iterator[Table]:
    """So many accounts with their links, besides the one that the owner has already, spread over so many syndics."""
    numbers = range(1, accounts)
    yield Table("legacy_accounts", ACCOUNT_COLUMNS, (_account(number, number % syndics, now) for number in numbers))
    yield Table("links", LINK_COLUMNS, (_link(number, number % syndics, now) for number in numbers))


def _account(number: int, syndic: int, now: datetime) -> Row:
    at = FIRST + number
    return (
        identifier(Kind.ACCOUNT, at), identifier(Kind.SYNDIC, syndic), random_looking("account", at),
        str(10_000_000 + at), "Mme Jeanne Dupont", f"Appartement {number}", None, None, None, "disabled", 1,
        random_looking("sub", at), None, None, now, now,
    )  # fmt: skip


def _link(number: int, syndic: int, now: datetime) -> Row:
    at = FIRST + number
    return (
        identifier(Kind.LINK, at), identifier(Kind.SYNDIC, syndic), identifier(Kind.IDENTITY, OWNER),
        identifier(Kind.ACCOUNT, at), identifier(Kind.ASSOCIATION, at), random_looking("sub", at), "active",
        "{legacy,mail-link}", now, now,
    )  # fmt: skip
