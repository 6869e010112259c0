"""Identities with links to accounts; accounts that nobody has linked yet; releases of central claims."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.population.copying import Row, Table
from bench.population.numbered import Kind, holder_of_session, identifier, random_looking

SECOND_ACCOUNT_EVERY = 10
"""One identity in ten owns a second flat at the same syndic."""
UNLINKED_SHARE = 10
"""For ten identities there is one account whose printed code still works."""
RELEASE_EVERY = 5
"""One identity in five lets its syndic see its own address."""
CONTESTABLE = timedelta(days=7)
LEGACY_HASH = "$5$rounds=5000$benchbenchbench$" + "x" * 43
GIVEN = ("Jeanne", "Marcel", "Aïcha", "Lucien", "Thérèse", "Nadia", "Hervé", "Odile")
FAMILY = ("Dupont", "Lefèvre", "Benali", "Moreau", "Da Silva", "Girard", "Roux", "Nguyen")


class People:
    """The rows of `count` identities at `syndics` syndics, all with one password's hash."""

    def __init__(self, count: int, syndics: int, password_hash: str, now: datetime) -> None:
        self._count = count
        self._syndics = syndics
        self._password_hash = password_hash
        self._now = now

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their references."""
        yield Table("identities", IDENTITY_COLUMNS, map(self._identity, range(self._count)))
        yield Table("legacy_accounts", ACCOUNT_COLUMNS, self._accounts())
        yield Table("links", LINK_COLUMNS, (self._link(number, holder) for number, holder in self._linked()))
        yield Table("claim_releases", RELEASE_COLUMNS, map(self._release, range(0, self._count, RELEASE_EVERY)))

    def syndic_of(self, identity: int) -> int:
        """The syndic whose owner this identity is."""
        return identity % self._syndics

    def holder_of_session(self, session: int) -> int:
        """The identity that holds a session."""
        return holder_of_session(session, self._count, self._syndics)

    def _linked(self) -> Iterator[tuple[int, int]]:
        """(number of the account and of its link, identity that holds it)."""
        yield from ((number, number) for number in range(self._count))
        seconds = range(0, self._count, SECOND_ACCOUNT_EVERY)
        yield from ((self._count + place, holder) for place, holder in enumerate(seconds))

    def _identity(self, number: int) -> Row:
        given, family = _name(number)
        email = f"proprietaire.{number}@courriel.example"
        profile = {"given_name": given, "family_name": family, "name": f"{given} {family}"}
        return (
            identifier(Kind.IDENTITY, number), email, email, self._password_hash, json.dumps(profile), "fr", 0,
            identifier(Kind.LINK, number), self._now,
        )  # fmt: skip

    def _accounts(self) -> Iterator[Row]:
        for number, holder in self._linked():
            yield self._account(number, holder, linked=True)
        first = self._count + len(range(0, self._count, SECOND_ACCOUNT_EVERY))
        for place in range(self._count // UNLINKED_SHARE):
            yield self._account(first + place, place, linked=False)

    def _account(self, number: int, holder: int, *, linked: bool) -> Row:
        given, family = _name(holder)
        public = random_looking("account", number)
        key = f"legacy.disable:{public}:1" if linked else None
        receipt = json.dumps({"receipt": f"imported:{key}", "disabled_at": self._now.isoformat()}) if linked else None
        return (
            identifier(Kind.ACCOUNT, number), identifier(Kind.SYNDIC, self.syndic_of(holder)), public,
            str(10_000_000 + number), f"{given} {family}", "Appartement 12", f"proprietaire.{holder}@courriel.example",
            None if linked else "sha256_crypt", None if linked else LEGACY_HASH, "disabled" if linked else "active",
            1 if linked else 0, random_looking("sub", number), key, receipt, self._now if linked else None, self._now,
        )  # fmt: skip

    def _link(self, number: int, holder: int) -> Row:
        return (
            identifier(Kind.LINK, number), identifier(Kind.SYNDIC, self.syndic_of(holder)),
            identifier(Kind.IDENTITY, holder), identifier(Kind.ACCOUNT, number), identifier(Kind.ASSOCIATION, number),
            random_looking("sub", number), "active", "{legacy,mail-link}", self._now + CONTESTABLE, self._now,
        )  # fmt: skip

    def _release(self, identity: int) -> Row:
        return (
            identifier(Kind.RELEASE, identity), identifier(Kind.SYNDIC, self.syndic_of(identity)),
            identifier(Kind.IDENTITY, identity), "email", self._now,
        )  # fmt: skip


def _name(number: int) -> tuple[str, str]:
    return GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]


IDENTITY_COLUMNS = (
    "id", "email", "email_typed", "password_hash", "profile", "locale", "epoch", "default_link_id", "created_at",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "id", "syndic_id", "public_id", "identifier", "holder", "label", "email", "secret_scheme", "secret_hash", "state",
    "epoch", "sub", "disable_key", "receipt", "disabled_at", "imported_at",
)  # fmt: skip
LINK_COLUMNS = (
    "id", "syndic_id", "identity_id", "account_id", "association_id", "sub", "state", "proofs", "contest_until",
    "created_at",
)  # fmt: skip
RELEASE_COLUMNS = ("id", "syndic_id", "identity_id", "claim", "released_at")
