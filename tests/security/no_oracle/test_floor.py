"""The floor of time under every refusal: hashes of different costs take different times, and must not tell."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask

from broker.identities import service
from config.database import session
from config.settings import settings
from tests.security.no_oracle.people import RIGHT, WRONG, add_identities

FLOOR_MS = 5000
"""Far above what any hash takes here, even where the machine is busy."""
KNOWN = [f"seuil.{number}@plancher.example" for number in range(5)]


@pytest.fixture
def floor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - the application's context
    """A floor, and identities with hashes of all costs and kinds."""
    monkeypatch.setenv("TROUSSEAU_PASSWORD_FLOOR_MS", str(FLOOR_MS))
    settings.cache_clear()
    add_identities(KNOWN)
    session().flush()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("floor")
@pytest.mark.parametrize("address", [*KNOWN, "personne@plancher.example", ""])
def test_every_refusal_waits_for_what_is_left_of_the_floor(address: str) -> None:
    waits: list[float] = []
    begun = time.monotonic()
    assert service.authenticate(address, WRONG, wait=waits.append) is None
    spent = time.monotonic() - begun
    assert len(waits) == 1, "the floor is kept once, whoever bears the address"
    assert spent + waits[0] >= FLOOR_MS / 1000, "no refusal comes back under the floor"
    assert waits[0] <= FLOOR_MS / 1000


@pytest.mark.usefixtures("floor")
def test_a_right_password_waits_for_nothing() -> None:
    waits: list[float] = []
    assert service.authenticate(KNOWN[0], RIGHT, wait=waits.append) is not None
    assert waits == []
