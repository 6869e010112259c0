"""`/readyz` names what is missing, over HTTP on the real port; `/healthz` never asks anybody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.seen.conftest import PATIENCE_S, Service


@contextmanager
def at_revision(service: Service, revision: str) -> Iterator[None]:
    """The database says that it stands there."""
    engine = create_engine(service.owner_url, poolclass=NullPool)

    def put(value: str) -> str:
        with engine.begin() as connection:
            before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            connection.execute(text("UPDATE alembic_version SET version_num = :value"), {"value": value})
        return str(before)

    former = put(revision)
    try:
        yield
    finally:
        put(former)


def eventually(service: Service, status: int, **wanted: str) -> dict[str, Any]:
    """What `/readyz` says once it says so; each of the two processes keeps its answer for a moment."""
    end = time.monotonic() + PATIENCE_S
    while True:
        answer = httpx2.get(f"{service.base}/readyz")
        said: dict[str, Any] = answer.json()
        if answer.status_code == status and all(said.get(name) == value for name, value in wanted.items()):
            return said
        assert time.monotonic() < end, f"{answer.status_code} {said}, not {status} {wanted}"
        time.sleep(0.1)


def test_a_database_that_is_not_migrated_is_named_with_both_revisions(service: Service) -> None:
    eventually(service, 200, migrations="current")
    with at_revision(service, "0001"):
        said = eventually(service, 503, migrations="behind", database_at="0001")
        assert said["program_at"] > "0001"
        assert httpx2.get(f"{service.base}/healthz").status_code == 200, "the process is well"
    eventually(service, 200, migrations="current")


def test_a_database_that_a_newer_program_has_migrated_is_said_and_served(service: Service) -> None:
    with at_revision(service, "9999_of_tomorrow"):
        eventually(service, 200, migrations="ahead", database_at="9999_of_tomorrow")
    eventually(service, 200, migrations="current")


def test_the_answer_says_nothing_of_where_the_database_is(service: Service) -> None:
    assert "postgres" not in httpx2.get(f"{service.base}/readyz").text
