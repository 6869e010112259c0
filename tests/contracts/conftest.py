"""A source of each kind, behind one handle."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import passlib.hash
import pytest
from flask import Flask
from sqlalchemy import select

from config.database import session
from tenants.legacy.connectors.contract import Connector
from tenants.legacy.connectors.source import connector_for, public_jwks
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tests.contracts.syndic_service import Person, SyndicService
from tests.tenants.conftest import app, application, database
from tests.tenants.legacy.conftest import environment
from tests.tenants.legacy.examples import a_syndic, an_account

__all__ = ["app", "application", "database", "environment"]


class Source(Protocol):
    """One kind's source, and what the syndic itself can do and see there."""

    kind: str
    connector: Connector

    def add(self, identifier: str, secret: str, email: str | None) -> None:
        """Give an account out."""
        ...

    def effective_disablements(self, identifier: str) -> int:
        """How many times that account's secret died."""
        ...


@dataclass
class Imported:
    """Kind `imported`: the hashes in our table."""

    syndic: Syndic
    connector: Connector
    kind: str = "imported"
    _given: dict[str, uuid.UUID] = field(default_factory=dict)

    def add(self, identifier: str, secret: str, email: str | None) -> None:
        """A row as an import leaves it."""
        hashed = passlib.hash.hex_sha256.hash(secret)
        made = an_account(self.syndic, identifier, None, email=email, secret_scheme="hex_sha256", secret_hash=hashed)
        self._given[identifier] = made.id

    def effective_disablements(self, identifier: str) -> int:
        """One, once the hash is gone."""
        kept = select(LegacyAccount.secret_hash).where(LegacyAccount.id == self._given[identifier])
        return int(session().scalar(kept) is None)


@dataclass
class Remote:
    """Kind `http`: the syndic's own service, on this machine."""

    service: SyndicService
    connector: Connector
    kind: str = "http"

    def add(self, identifier: str, secret: str, email: str | None) -> None:
        """An account in the syndic's books."""
        self.service.people[identifier] = Person(secret, "M. et Mme Lefèvre", email, "Appt 12, bât. B")

    def effective_disablements(self, identifier: str) -> int:
        """As the service counted."""
        return self.service.people[identifier].disablements


@pytest.fixture
def service() -> Iterator[SyndicService]:
    """A syndic's service, which knows its callers' keys once `trusts` is set."""
    with SyndicService() as running:
        yield running


@pytest.fixture
def remote(app: Flask, service: SyndicService) -> Remote:  # noqa: ARG001 - the application's context
    """The `http` kind, with the syndic trusting our connector key."""
    syndic = a_syndic("http", service.base_url)
    service.trusts = public_jwks(syndic.id)
    return Remote(service, connector_for(syndic.id))


@pytest.fixture(params=["imported", "http"])
def source(request: pytest.FixtureRequest, app: Flask) -> Source:  # noqa: ARG001 - the application's context
    """Each kind in turn."""
    if request.param == "http":
        made: Remote = request.getfixturevalue("remote")
        return made
    syndic = a_syndic("imported")
    return Imported(syndic, connector_for(syndic.id))
