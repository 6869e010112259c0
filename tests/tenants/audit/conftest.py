"""Chains that a test may commit to, and what an owner of the tables could do to them."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from config.database import transaction
from tenants.audit import service


@pytest.fixture
def chain(application: Flask, owner: Engine) -> Iterator[uuid.UUID]:
    """An empty chain of the test's own, removed by the owner afterwards: the application cannot."""
    with application.app_context():
        fresh = uuid.uuid4()
        yield fresh
        forget(owner, fresh)


def forget(owner: Engine, *chains: uuid.UUID) -> None:
    """Remove whole chains, the way only the owner of the tables can."""
    with owner.begin() as connection:
        for table in ("ledger", "ledger_salts"):
            connection.execute(text(f"DELETE FROM {table} WHERE chain = ANY(:chains)"), {"chains": list(chains)})  # noqa: S608 - a constant of ours


@pytest.fixture(scope="session")
def written(application: Flask) -> Callable[[int], uuid.UUID]:
    """A function that commits a fresh chain of so many entries, in an application context of its own."""

    def write(length: int) -> uuid.UUID:
        fresh = uuid.uuid4()
        with application.app_context(), transaction():
            for number in range(length):
                service.append(fresh, "test.written", {"number": number, "who": ["é", None, True]}, {"name": "Zoé"})
        return fresh

    return write
