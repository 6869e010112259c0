"""Syndics with accounts that wait to be confirmed, and what became of their retirements, read from the promises."""

import logging
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select

from bench.failures import BenchError
from broker.app import create_app
from broker.embedded import Addresses
from config import clock, secrets
from config import logging as logs
from config.database import db, new_id, session, statements, transaction
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.settings import settings
from tenants.legacy import lifecycle
from tenants.legacy.connectors.source import register_source
from tenants.legacy.models import LegacyAccount
from tenants.onboarding.registration import onboard
from tenants.syndics.models import Syndic

LOOK_S = 0.1
_chance = random.Random(20261122)  # noqa: S311 - the same order in every run
WAITS = """
SELECT count(*) AS open FROM outbox
WHERE topic = 'legacy.disable' AND done_at IS NULL AND payload ->> 'syndic_id' <> ALL (%(but)s)
"""
KEPT = """
SELECT created_at, done_at FROM outbox
WHERE topic = 'legacy.disable' AND done_at IS NOT NULL AND created_at >= %(since)s
  AND payload ->> 'syndic_id' <> ALL (%(but)s)
"""


@dataclass(frozen=True)
class Retiring:
    """A database of syndics, all with sources of the kind `http`."""

    app: Flask
    syndics: Sequence[UUID]

    def confirm(self, for_s: float, per_s: float) -> datetime:
        """Confirm an association somewhere, again and again at an even pace, as owners do. Returns when it began."""
        with self.app.app_context():
            began, first = clock.now(), time.monotonic()
            for number in range(int(for_s * per_s)):
                time.sleep(max(0.0, first + number / per_s - time.monotonic()))
                self._confirm_one(_chance.choice(self.syndics))
        return began

    def move(self, syndic_id: UUID, url: str) -> None:
        """Let a syndic's source be elsewhere."""
        with self.app.app_context(), transaction():
            register_source(session().get_one(Syndic, syndic_id), "http", url)

    def await_all(self, within_s: float, but: Sequence[UUID] = ()) -> None:
        """Return once all are retired, but those of some syndics.

        Raises:
            BenchError: they are not, after so long.
        """
        end = time.monotonic() + within_s
        while waits := self._waiting(but):
            if time.monotonic() > end:
                raise BenchError(f"{waits} secrets are not retired after {within_s:.0f} s")
            time.sleep(LOOK_S)

    def waits_ms(self, since: datetime, but: Sequence[UUID] = ()) -> list[float]:
        """From the commit of each confirmation to its receipt, in milliseconds, the shortest first."""
        with self.app.app_context(), statements() as sql:
            rows = sql.execute(KEPT, {"since": since, "but": [str(each) for each in but]}).fetchall()
        return sorted((row["done_at"] - row["created_at"]).total_seconds() * 1000 for row in rows)

    def _confirm_one(self, syndic_id: UUID) -> None:
        with transaction():
            wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == syndic_id, LegacyAccount.state == "pending")
            account = session().scalar(wanted.limit(1))
            if account is None:
                raise BenchError("too few accounts wait")
            lifecycle.confirm(account, disable=True)

    def _waiting(self, but: Sequence[UUID]) -> int:
        with self.app.app_context(), statements() as sql:
            row = sql.execute(WAITS, {"but": [str(each) for each in but]}).fetchone()
        return int(row["open"]) if row else 0


@contextmanager
def retiring(postgres: EmbeddedPostgres, name: str, url: str, syndics: int, accounts: int) -> Iterator[Retiring]:
    """A migrated database filled with so many syndics, each with so many accounts, at `{url}/{number}`."""
    where = Addresses(postgres.url(APPLICATION, name), postgres.url(OWNER, name), os.environ["TROUSSEAU_REDIS_URL"])
    app = create_app(settings(), where)
    logs.configure(level=logging.WARNING)
    with app.app_context():
        made = [_syndic(f"{url}/{number}", number, accounts) for number in range(syndics)]
    yield Retiring(app, made)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _syndic(url: str, number: int, accounts: int) -> UUID:
    name = f"Agence {number}"
    registration = {"slug": f"agence-{number}", "name": name, "legal_name": name, "siren": "732829320"}
    with transaction() as work:
        syndic = onboard(registration, None, "http", url)
        work.execute(insert(LegacyAccount), [_account(syndic.id, each) for each in range(accounts)])
        return syndic.id


def _account(syndic_id: UUID, number: int) -> dict[str, object]:
    return {
        "id": new_id(),
        "syndic_id": syndic_id,
        "public_id": secrets.token(),
        "sub": secrets.token(),
        "identifier": f"{10_000_000 + number}",
        "holder": "Mme Petit",
        "label": "",
        "state": "pending",
        "epoch": 0,
        "imported_at": clock.now(),
    }
