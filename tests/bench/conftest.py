"""A small population in a database of its own, and the application on it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from bench.asking import Direct
from bench.flow import Flow
from bench.ours import ENDPOINTS
from bench.population.filling import Population, Size
from bench.visitors import Visitor
from broker.app import create_app
from broker.embedded import Addresses
from config.database import db
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.settings import settings
from tests.conftest import TEMPLATE

SIZE = Size(syndics=7, identities=100, sessions=50)


@dataclass
class Populated:
    """A filled database with its visitors."""

    application: Flask
    connection: "psycopg.Connection[tuple[Any, ...]]"
    visitors: list[Visitor]

    @property
    def flow(self) -> Flow:
        """The flow, asked of the application directly."""
        return Flow(Direct(self.application, {"Host": "localhost"}), ENDPOINTS)

    def count(self, query: str) -> int:
        """The number that a statement tells."""
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def populated(postgres: EmbeddedPostgres) -> Iterator[Populated]:
    """The population of `SIZE`."""
    name = "bench_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    postgres.create_database(name, template=TEMPLATE)
    addresses = Addresses(
        postgres.url(APPLICATION, name), postgres.url(OWNER, name), os.environ["TROUSSEAU_TEST_QUEUE"]
    )
    application = create_app(settings(), addresses)
    population = Population(SIZE)
    url = make_url(addresses.application).set(drivername="postgresql")
    try:
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            population.fill(connection, lambda _: None)
            yield Populated(application, connection, list(population.visitors()))
        with application.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        postgres.drop_database(name)
