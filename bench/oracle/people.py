"""The names of a measurement, made by the service's own functions on a fresh database."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice

import argon2
import passlib.hash
from flask import Flask
from sqlalchemy import insert, select

from bench import database
from broker.app import create_app
from broker.embedded import Addresses
from broker.identities import attempts, passwords
from broker.identities.models import Identity
from broker.sessions import browser
from broker.sessions import service as sessions
from broker.web import cookies
from broker.web.network import Caller
from config import clock
from config.database import db, new_id, session, transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.secrets import keyed, token
from config.settings import settings
from tenants.legacy.models import LegacyAccount
from tenants.onboarding.registration import onboard
from tenants.syndics import service as syndics
from tenants.terms import service as terms

SLUG = "agence-00000"
NAME = "oracle"
LEFT_BEFORE_LOCK = 1


@dataclass(frozen=True)
class Names:
    """As many names that somebody bears as names that nobody bears, all of one length."""

    known: list[str]
    unknown: list[str]


@contextmanager
def house(postgres: EmbeddedPostgres) -> Iterator["House"]:
    """A migrated database with one syndic, and the application's functions on it."""
    database.migrated(postgres, NAME)
    where = Addresses(postgres.url(APPLICATION, NAME), None, os.environ["TROUSSEAU_REDIS_URL"])
    application = create_app(settings(), where)
    made = House(application)
    made.open()
    yield made
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


class House:
    """Everything that must be there before a name is asked about."""

    def __init__(self, application: Flask) -> None:
        self._application = application
        self._numbers = map(str, count(10_000_000))

    def open(self) -> None:
        """Register the syndic, and publish the terms."""
        registration = {
            "slug": SLUG, "name": "Agence du Lac", "legal_name": "Agence du Lac SAS", "siren": "732829320",
            "contact": {"phone": "04 74 00 00 00"},
        }  # fmt: skip
        with self._application.app_context(), transaction():
            terms.publish_shipped()
            onboard(registration, None, "imported", None)

    def identities(self, purpose: str, names: int, stored: str | None = None) -> Names:
        """Addresses with identities and without; all have one password's hash: that of today's cost, or this one."""
        hashed = stored or passwords.hashed(token())
        made = _names(purpose, names)
        now = clock.now()
        row = {
            "password_hash": hashed,
            "profile": {"given_name": "Jeanne"},
            "locale": "fr",
            "epoch": 0,
            "created_at": now,
        }
        rows = [{"id": new_id(), "email": each, "email_typed": each, **row} for each in made.known]
        with self._application.app_context(), transaction():
            session().execute(insert(Identity), rows)
        return made

    def accounts(self, names: int) -> Names:
        """Identifiers of the syndic's own software and made-up ones; its hashes are of three schemes."""
        kept = [
            ("sha512_crypt", passlib.hash.sha512_crypt.using(rounds=5000).hash("x")),
            ("django_pbkdf2_sha256", passlib.hash.django_pbkdf2_sha256.using(rounds=36000).hash("x")),
            ("ldap_salted_md5", passlib.hash.ldap_salted_md5.hash("x")),
        ]
        numbers = list(islice(self._numbers, 2 * names))
        secrets.SystemRandom().shuffle(numbers)
        with self._application.app_context(), transaction():
            _add_accounts(numbers[:names], kept)
        return Names(numbers[:names], numbers[names:])

    def signed_in(self, owners: int) -> list[dict[str, str]]:
        """The cookies of that many owners who have just signed in with their codes."""
        numbers = list(islice(self._numbers, owners))
        name = cookies.name(browser.legacy_cookie(SLUG))
        with self._application.app_context(), transaction():
            _add_accounts(numbers, [("ldap_salted_md5", passlib.hash.ldap_salted_md5.hash("x"))])
            wanted = select(LegacyAccount).where(LegacyAccount.identifier.in_(numbers))
            caller = Caller("bench", "192.0.2.0/24")
            return [{name: sessions.begin_legacy(each, caller).token} for each in session().scalars(wanted)]

    def nearly_locked(self, names: Names) -> None:
        """Count failures of each name until one is left."""
        with self._application.app_context():
            for name in (*names.known, *names.unknown):
                door = attempts.Door(f"bench {name}", SLUG, lambda _: None)
                for _ in range(attempts.ALLOWED - LEFT_BEFORE_LOCK):
                    attempts.reserve(attempts.of_email(name), door)


def older_hash() -> str:
    """An identity's hash as it was made before the cost was raised."""
    cost = settings().argon2
    peppered = keyed(settings().keys.pepper, token())
    return argon2.PasswordHasher(cost.passes, cost.memory_kib // 2, cost.lanes).hash(peppered)


def _names(purpose: str, names: int) -> Names:
    """Addresses that no alphabet and no number tells apart."""
    made = [f"{purpose}.{secrets.token_hex(6)}@courriel.example" for _ in range(2 * names)]
    return Names(made[:names], made[names:])


def _add_accounts(numbers: Sequence[str], kept: Sequence[tuple[str, str]]) -> None:
    syndic, now = syndics.get(SLUG), clock.now()
    rows = [
        {
            "id": new_id(), "syndic_id": syndic.id, "public_id": token(), "identifier": number, "sub": token(),
            "holder": "Mme Jeanne Dupont", "label": "Appt 12", "email": f"{number}@courriel.example",
            "secret_scheme": kept[place % len(kept)][0], "secret_hash": kept[place % len(kept)][1],
            "state": "active", "epoch": 0, "imported_at": now,
        }
        for place, number in enumerate(numbers)
    ]  # fmt: skip
    session().execute(insert(LegacyAccount), rows)
