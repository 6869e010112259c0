"""A database server that was restarted is not felt by whoever asks next."""

import psycopg
import pytest
from sqlalchemy import text

from config.database import statements, transaction
from config.embedded.postgres import SUPERUSER, EmbeddedPostgres

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'trousseau_app'"


@pytest.mark.usefixtures("app")
def test_connections_that_the_server_has_ended_are_replaced_unnoticed(
    postgres: EmbeddedPostgres, database: str
) -> None:
    _ask()
    url = postgres.url(SUPERUSER, "postgres").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as operator:
        ended = operator.execute(HANG_UP, (database,)).fetchall()
        assert len(ended) >= 2, "both ways to the database keep a connection"
        while operator.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (database,)).fetchall():
            pass  # a backend ends when it has seen the signal
    _ask()


def _ask() -> None:
    with statements() as sql:
        assert sql.execute("SELECT 2 AS two").fetchone() == {"two": 2}
    with transaction() as work:
        assert work.scalar(text("SELECT 1")) == 1
