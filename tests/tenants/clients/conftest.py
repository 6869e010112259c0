"""Syndics with signing keys, in a transaction that nobody else sees."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from config import clock
from config.database import session
from tenants.clients import keys, registry
from tenants.clients.pictures import RegisteredSyndic
from tenants.syndics import service as syndics
from tests.tenants.conftest import new_syndic

ALGORITHMS = ("RS256", "ES256")


def onboarded() -> uuid.UUID:
    """A syndic with its first keys."""
    syndic_id = new_syndic(f"cles-{uuid.uuid4().hex[:12]}")
    for alg in ALGORITHMS:
        keys.first(syndic_id, alg)
    return syndic_id


def picture(syndic_id: uuid.UUID) -> RegisteredSyndic:
    """What requests of a process that has just started would work with."""
    session().flush()
    registry.forget()
    taken = registry.registered(syndics.by_id(syndic_id).slug)
    assert taken is not None, "the syndic is open"
    return taken


def later(by: timedelta) -> None:
    """Move the clock on from where it stands."""
    clock.shift(clock.now() - datetime.now(UTC) + by)


@pytest.fixture
def syndic(app: Flask) -> Iterator[uuid.UUID]:  # noqa: ARG001 - the context
    """One of them; the clock stands right again afterwards, and no picture of it is left."""
    yield onboarded()
    clock.shift(timedelta())
    registry.forget()
