"""Names in bulk: identities, and legacy accounts, as sign-ups and imports of many years have left them."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import argon2
import passlib.hash

from broker.identities import passwords
from broker.identities.models import Identity
from config import clock, secrets
from config.database import session
from config.settings import settings
from tenants.legacy import second_codes, service, tombstones
from tenants.legacy.connectors.schemes import AspNet
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics

RIGHT, WRONG = "corbeau-lampe-tracteur-violon", "nuage-girafe-bouton-soleil"
COUNT = 100
ASPNET = "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg8jpZkJ2kcfwAyP3Cc1XYtm9TKQX1nrTHJNy0eIWCZ9pA=="
"""ASP.NET Identity version 3 of nobody's password: PBKDF2-HMAC-SHA-256, 10,000 iterations."""


def addresses(kind: str, slug: str, count: int = COUNT) -> list[str]:
    """Addresses of one length for one kind of names of one syndic."""
    return [f"{kind}.{number:03d}@{slug}.example" for number in range(count)]


def add_identities(emails: Sequence[str]) -> None:
    """An identity for each address; their passwords' hashes are today's, and of other costs and kinds."""
    for email, stored in zip(emails, cycle(_hashes()), strict=False):
        session().add(
            Identity(
                email=email, email_typed=email, password_hash=stored, profile={"given_name": "Jeanne"},
                locale="fr", epoch=0, created_at=clock.now(),
            )
        )  # fmt: skip


def add_accounts(
    slug: str, identifiers: Sequence[str], hashes: Sequence[tuple[str | None, str | None]], **changes: Any
) -> None:
    """An account for each identifier, with these (scheme, hash) in turn."""
    syndic = syndics.get(slug)
    for identifier, (scheme, text) in zip(identifiers, cycle(hashes), strict=False):
        facts = {"secret_scheme": scheme, "secret_hash": text, "state": "active", "epoch": 0, **changes}
        session().add(
            LegacyAccount(
                syndic_id=syndic.id, identifier=identifier, holder="Mme Jeanne Dupont", label="Appt 12",
                email=f"{identifier}@orange.fr", imported_at=clock.now(), public_id=secrets.token(),
                sub=secrets.token(), **facts,
            )
        )  # fmt: skip


def add_second_codes(slug: str, identifiers: Sequence[str]) -> None:
    """A second code for each of these accounts, every other one revoked."""
    syndic = syndics.get(slug)
    for number, identifier in enumerate(identifiers):
        account = service.find(syndic.id, identifier)
        assert account is not None, identifier
        code, _ = second_codes.issue(account)
        if number % 2:
            second_codes.revoke(code)


def schemes() -> list[tuple[str | None, str | None]]:
    """Hashes as old software leaves them, some cheap and some dear."""
    made = {
        "ldap_salted_md5": passlib.hash.ldap_salted_md5,
        "hex_sha256": passlib.hash.hex_sha256,
        "sha512_crypt": passlib.hash.sha512_crypt.using(rounds=1000),
        "bcrypt": passlib.hash.bcrypt.using(rounds=4),
        "django_pbkdf2_sha256": passlib.hash.django_pbkdf2_sha256.using(rounds=1000),
        "argon2": passlib.hash.argon2.using(rounds=1, memory_cost=64, parallelism=1),
    }
    return [*((name, handler.hash(RIGHT)) for name, handler in made.items()), (AspNet.name, ASPNET)]


def tombstone(slug: str) -> str:
    """What a sign-in before the retirement has left behind."""
    return tombstones.cut(syndics.get(slug).id, "10000000", RIGHT, None)


def _hashes() -> list[str]:
    cost = settings().argon2
    peppered = secrets.keyed(settings().keys.pepper, passwords.normal(RIGHT))
    older = [
        argon2.PasswordHasher(1, 256, 1),
        argon2.PasswordHasher(2, cost.memory_kib, 1),
        argon2.PasswordHasher(1, 512, 1, type=argon2.Type.I),
    ]
    return [passwords.hashed(RIGHT), *(each.hash(peppered) for each in older), "$2b$04$not-a-hash-of-ours"]
