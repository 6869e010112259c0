"""A database server that was restarted is not felt by whoever asks next."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from config.database import db, session, statements, transaction
from config.embedded.postgres import SUPERUSER, EmbeddedPostgres

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'trousseau_app'"


def test_a_server_that_goes_away_before_the_last_word_spoils_no_answer(
    app: Flask, postgres: EmbeddedPostgres, database: str
) -> None:
    with app.app_context():
        assert session().scalar(text("SELECT 1")) == 1, "a page has read something"
        _hang_up(postgres, database)
    with app.app_context():
        assert session().scalar(text("SELECT 1")) == 1, "and the next one goes on"
        assert db.engine.pool.checkedout() == 1, "no connection is left behind"  # type: ignore[attr-defined]  # a QueuePool


@pytest.mark.usefixtures("app")
def test_connections_that_the_server_has_ended_are_replaced_unnoticed(
    postgres: EmbeddedPostgres, database: str
) -> None:
    _ask()
    assert _hang_up(postgres, database) >= 2, "both ways to the database keep a connection"
    _ask()


def _hang_up(postgres: EmbeddedPostgres, database: str) -> int:
    """End every connection of the application, from the server's side. Returns how many there were."""
    url = postgres.url(SUPERUSER, "postgres").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as operator:
        ended = operator.execute(HANG_UP, (database,)).fetchall()
        while operator.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (database,)).fetchall():
            pass  # a backend ends when it has seen the signal
    return len(ended)


def _ask() -> None:
    with statements() as sql:
        assert sql.execute("SELECT 2 AS two").fetchone() == {"two": 2}
    with transaction() as work:
        assert work.scalar(text("SELECT 1")) == 1
