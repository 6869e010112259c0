"""Three syndics, and the clock given back as it was."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from config import clock
from config.database import session, transaction
from tests.tenants.conftest import new_syndic


class Three(NamedTuple):
    """Three syndics that share nothing."""

    a: uuid.UUID
    b: uuid.UUID
    c: uuid.UUID


def three() -> Three:
    """Add three syndics to the current transaction."""
    return Three(*(new_syndic(slug) for slug in ("agence-a", "agence-b", "agence-c")))


@pytest.fixture
def syndics(app: Flask) -> Three:  # noqa: ARG001 - it is the context that the rows are made in
    """Three syndics in the test's transaction."""
    return three()


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """A function that moves the clock; the clock is right again afterwards."""
    yield clock.shift
    clock.shift(timedelta())


@pytest.fixture
def committed(application: Flask, owner: Engine) -> Iterator[Three]:
    """Syndics that other connections see; the owner removes them afterwards, with all that was said."""
    with application.app_context():
        with transaction():
            made = Three(*(new_syndic(uuid.uuid4().hex) for _ in range(3)))
        yield made
        session().rollback()
    with owner.begin() as connection:
        connection.execute(text("TRUNCATE trust_circles, trust_agreements, trust_denials, ledger, outbox CASCADE"))
        connection.execute(text("DELETE FROM syndics WHERE id = ANY(:ids)"), {"ids": list(made)})
