"""The operators' commands on a database of their own."""

import os
from collections.abc import Iterator

import pytest

from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from tests.broker.terminal import Operator


@pytest.fixture(scope="module")
def operator(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    name = "cli_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    postgres.create_database(name)
    environment = {
        **os.environ,
        "TROUSSEAU_HOME": str(tmp_path_factory.mktemp("cli")),
        "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, name),
        "TROUSSEAU_MIGRATION_DATABASE_URL": postgres.url(OWNER, name),
        "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
    }
    made = Operator(environment)
    made.run("db", "upgrade")
    yield made
    postgres.drop_database(name)
