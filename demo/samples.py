"""The sample syndics as they lie in `demo/data/`: what the loader registers, and who could sign in with what."""

import csv
import io
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Account:
    """A line of an export with the code of its letter; `email` is None where the syndic knows none."""

    identifier: str
    password: str
    holder: str
    email: str | None


@dataclass(frozen=True)
class Syndic:
    """One syndic: its description from `syndics.toml`, and its accounts in the order of its export."""

    described: dict[str, Any]
    accounts: tuple[Account, ...]

    @property
    def slug(self) -> str:
        """Part of its issuer's address."""
        return str(self.described["slug"])

    @property
    def export(self) -> Path:
        """The file of its accounts."""
        return DATA / str(self.described["accounts"])

    def held_by(self, email: str) -> list[Account]:
        """The accounts whose known address this is, however it is capitalised."""
        return [account for account in self.accounts if _same(account.email) == _same(email)]


@dataclass(frozen=True)
class Samples:
    """All syndics, and the file of who trusts whom, parsed."""

    syndics: tuple[Syndic, ...]
    trust: dict[str, Any]

    @property
    def trust_file(self) -> Path:
        """What `trousseau trust load` reads."""
        return DATA / "trust.toml"

    @cached_property
    def shared_addresses(self) -> set[str]:
        """Addresses that stand at more than one account, at one syndic or at several, in lower case."""
        known = Counter(_same(account.email) for syndic in self.syndics for account in syndic.accounts)
        return {email for email, count in known.items() if email and count > 1}

    def directions(self) -> list[dict[str, Any]]:
        """A row for each direction of trust: `to` accepts for these purposes what comes from `from`."""
        rows = []
        for circle in self.trust.get("circle", []):
            members = circle["members"]
            rows += [_row(a, b, circle["purposes"]) for a in members for b in members if a != b]
        for agreement in self.trust.get("agreement", []):
            proposer, accepter = agreement["proposer"], agreement["accepter"]
            rows += [_row(proposer, accepter, agreement["forward"]), _row(accepter, proposer, agreement["backward"])]
        return [row for row in rows if row["purposes"]]


def read() -> Samples:
    """The samples as they were committed."""
    described = tomllib.loads((DATA / "syndics.toml").read_text("utf-8"))["syndics"]
    codes = _codes()
    syndics = tuple(Syndic(each, _accounts(DATA / each["accounts"], codes[each["slug"]])) for each in described)
    return Samples(syndics, tomllib.loads((DATA / "trust.toml").read_text("utf-8")))


def unassociated(samples: Samples, syndic: Syndic, count: int, without_email: int) -> list[Account]:
    """Accounts to try: `count` with an address that no other account has, after `without_email` without any.

    Shared addresses are left out: two of their accounts may be at syndics that are no partners, and the second
    association would rightly be refused.
    """
    alone = [each for each in syndic.accounts if each.email and _same(each.email) not in samples.shared_addresses]
    silent = [each for each in syndic.accounts if not each.email]
    return alone[:count] + silent[:without_email]


def _codes() -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO((DATA / "passwords.csv").read_text("utf-8"))):
        codes.setdefault(row["syndic"], {})[row["identifier"]] = row["password"]
    return codes


def _accounts(export: Path, codes: dict[str, str]) -> tuple[Account, ...]:
    """The lines that have a letter, the first of each identifier: the broken ones have none."""
    text = _decoded(export.read_bytes())
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    found: dict[str, Account] = {}
    for row in rows:
        if row and row[0] in codes:
            found.setdefault(row[0], Account(row[0], codes[row[0]], row[1], row[2] or None))
    return tuple(found.values())


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def _same(email: str | None) -> str:
    return (email or "").casefold()


def _row(one: str, other: str, purposes: list[str]) -> dict[str, Any]:
    return {"from": one, "to": other, "purposes": purposes}
