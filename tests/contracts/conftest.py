"""A source of each kind, behind one handle."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

import passlib.hash
import pytest
from flask import Flask
from sqlalchemy import select

from config.database import session
from tenants.legacy.connectors.contract import Connector
from tenants.legacy.connectors.ldap.connector import LdapConnector
from tenants.legacy.connectors.source import connector_for, public_jwks
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tests.contracts.directory import PEOPLE, SERVICE, SERVICE_PASSWORD, Directory, LosingAnswers, running
from tests.contracts.syndic_service import Person, SyndicService
from tests.tenants.conftest import app, application, database
from tests.tenants.legacy.conftest import environment
from tests.tenants.legacy.examples import a_syndic, an_account

__all__ = ["app", "application", "database", "environment"]


class Source(Protocol):
    """One kind's source, and what the syndic itself can do and see there."""

    kind: str

    @property
    def connector(self) -> Connector:
        """What is tried."""
        ...

    def add(self, identifier: str, secret: str, email: str | None) -> None:
        """Give an account out."""
        ...

    def effective_disablements(self, identifier: str) -> int:
        """How many times that account's secret died."""
        ...

    def hand_out(self, identifier: str, secret: str) -> None:
        """Where a new secret was asked for: what the syndic's own programs do then."""
        ...

    def lose_answers(self) -> AbstractContextManager[None]:
        """Meanwhile what is changed there is changed, and nobody hears of it."""
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

    def hand_out(self, identifier: str, secret: str) -> None:
        """It has no such programs."""
        raise NotImplementedError

    def lose_answers(self) -> AbstractContextManager[None]:
        """It is called within our own process."""
        return nullcontext()


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

    def hand_out(self, identifier: str, secret: str) -> None:
        """It has done so itself."""
        assert self.service.people[identifier].secret == secret

    @contextmanager
    def lose_answers(self) -> Iterator[None]:
        """The service hangs up after each effect."""
        self.service.fault = _hang_up
        yield
        self.service.fault = None


MARK = {"attribute": "employeeType", "value": "closed"}
ASKING = {"attribute": "roomNumber", "value": "reset {key}"}
LAYOUT: dict[str, Any] = {
    "base": PEOPLE,
    "where": {"objectClass": "inetOrgPerson"},
    "bind_dn": SERVICE,
    "bind_password": SERVICE_PASSWORD,
    "disable": MARK,
    "reissue": ASKING,
}


@dataclass
class InADirectory:
    """Kind `ldap`: a slapd, on this machine."""

    directory: Directory
    syndic: Syndic
    connector: LdapConnector
    kind: str

    def add(self, identifier: str, secret: str, email: str | None) -> None:
        """An entry."""
        self.directory.add(identifier, secret, mail=email or "", description="Appt 12, bât. B")

    def effective_disablements(self, identifier: str) -> int:
        """Of a password that was overwritten, nobody can tell how often."""
        mark = self.connector.layout.disable
        return len(self.directory.read(identifier, mark.attribute)) if mark else 1

    def hand_out(self, identifier: str, secret: str) -> None:
        """Their job finds the mark, and prints a letter."""
        assert self.directory.read(identifier, ASKING["attribute"]), "the syndic's programs have nothing to go by"
        self.directory.change(identifier, "userPassword", secret)

    @contextmanager
    def lose_answers(self) -> Iterator[None]:
        """Answers to changes are lost on their way."""
        before, between = self.connector, LosingAnswers(self.directory.port)
        self.connector = replace(before, url=f"ldap://127.0.0.1:{between.port}")
        yield
        assert between.lost, "the change must have been made"
        between.close()
        self.connector = before


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def in_a_directory(directory: Directory, kind: str = "ldap", url: str = "", **changes: Any) -> InADirectory:
    """A syndic whose source is the directory, with a layout like `LAYOUT`."""
    syndic = a_syndic("ldap", url or directory.url, {**LAYOUT, **changes})
    connector = connector_for(syndic.id)
    assert isinstance(connector, LdapConnector)
    return InADirectory(directory, syndic, connector, kind)


@pytest.fixture(scope="session")
def slapd() -> Iterator[Directory]:
    """A directory for the whole run of this process."""
    with running() as started:
        yield started


@pytest.fixture
def directory(slapd: Directory, app: Flask) -> Iterator[Directory]:  # noqa: ARG001 - the application's context
    """The directory, with nobody in it."""
    yield slapd
    slapd.empty()


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


@pytest.fixture(
    params=["imported", "http", *(pytest.param(way, marks=pytest.mark.slapd) for way in ("ldap", "ldap-without-mark"))]
)
def source(request: pytest.FixtureRequest, app: Flask) -> Source:  # noqa: ARG001 - the application's context
    """Each kind in turn; of `ldap`, both ways to disable."""
    if request.param.startswith("ldap"):
        changes: dict[str, Any] = {} if request.param == "ldap" else {"disable": None}
        return in_a_directory(request.getfixturevalue("directory"), request.param, **changes)
    if request.param == "http":
        made: Remote = request.getfixturevalue("remote")
        return made
    syndic = a_syndic("imported")
    return Imported(syndic, connector_for(syndic.id))
