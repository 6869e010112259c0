"""Upgrading the schema: again after it stopped half-way, and by two at once."""

import subprocess
import sys

import pytest
from alembic import command
from sqlalchemy import text

from broker.models import metadata
from config import schema
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres

UPGRADE = (
    "import sys; from broker.models import metadata; from config import schema; "
    "schema.upgrade(sys.argv[1], sys.argv[2], metadata)"
)


@pytest.fixture
def urls(postgres: EmbeddedPostgres, database: str) -> tuple[str, str]:
    """The owner's and the application's addresses of an empty database."""
    name = f"{database}_upgrade"
    postgres.create_database(name)
    return postgres.url(OWNER, name), postgres.url(APPLICATION, name)


def test_an_upgrade_that_stopped_half_way_goes_on_while_another_waits(urls: tuple[str, str]) -> None:
    owner, application = urls
    with schema.owner_engine(owner).connect() as connection:
        command.upgrade(schema._config(connection, metadata), "0013")
        assert schema.standing(connection).state == "behind"
        connection.rollback()
        connection.execute(
            text("ALTER TABLE login_sessions ADD COLUMN look_again_at timestamptz DEFAULT now() NOT NULL")
        )
        connection.execute(text("CREATE INDEX ix_grants_expires_at ON grants (created_at)"))  # as good as invalid
        connection.commit()
    words = [sys.executable, "-c", UPGRADE, owner, application]
    both = [subprocess.Popen(words) for _ in range(2)]  # noqa: S603 - our own words
    assert [each.wait(timeout=120) for each in both] == [0, 0], "one does it, the other finds it done"
    assert schema.differences(owner, metadata) == []
    with schema.owner_engine(owner).connect() as connection:
        assert schema.standing(connection).state == "current"
