"""What the embedded PostgreSQL keeps, and whom it lets in to do what."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from config.embedded.errors import EmbeddedServerError
from config.embedded.os_user import server_user
from config.embedded.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from tests.config.embedded.processes import open_interpreter


@contextmanager
def connected(postgres: EmbeddedPostgres, role: str, database: str = "trousseau") -> Iterator[Connection]:
    engine = create_engine(postgres.url(role, database))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One that runs, for the tests that only ask it who may do what."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("shared"), fsync=False, in_memory=True) as server:
        yield server
    server.wipe()


def rows(postgres: EmbeddedPostgres, role: str, query: str, database: str = "trousseau") -> list[Any]:
    with connected(postgres, role, database) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(postgres: EmbeddedPostgres, role: str, statement: str, database: str = "trousseau") -> None:
    with connected(postgres, role, database) as connection:
        connection.execute(text(statement))
        connection.commit()


def test_data_are_kept_from_start_to_start_and_across_a_kill(home: Path) -> None:
    durable = EmbeddedPostgres(home)
    try:
        durable.ensure()
        change(durable, OWNER, "CREATE TABLE kept AS SELECT 'owners' AS what")
        durable.stop()
        durable.ensure()
        assert rows(durable, OWNER, "SELECT what FROM kept") == [("owners",)], "a stop loses nothing"
        change(durable, OWNER, "INSERT INTO kept VALUES ('syndics')")
        os.kill(durable.pid, 9)
        durable.ensure()
        expected = [("owners",), ("syndics",)]
        assert rows(durable, OWNER, "SELECT what FROM kept ORDER BY 1") == expected, "a kill loses nothing committed"
        durable_settings = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        assert rows(durable, OWNER, durable_settings) == [("on", "on")], "commits are durable unless a test says not"
    finally:
        durable.stop()
        durable.wipe()


def test_wipe_waits_for_a_stopped_server_and_leaves_an_empty_one(postgres: EmbeddedPostgres) -> None:
    postgres.ensure()
    change(postgres, OWNER, "CREATE TABLE kept (what text)")
    with pytest.raises(EmbeddedServerError, match="still runs"):
        postgres.wipe()
    postgres.stop()
    postgres.wipe()
    postgres.ensure()
    assert rows(postgres, OWNER, "SELECT to_regclass('kept')") == [(None,)], "after a wipe there is nothing"


def test_a_home_made_anew_does_not_find_the_data_of_the_deleted_one(postgres: EmbeddedPostgres, home: Path) -> None:
    postgres.ensure()
    change(postgres, OWNER, "CREATE TABLE kept (what text)")
    postgres.stop()
    shutil.rmtree(home)
    postgres.ensure()
    assert rows(postgres, OWNER, "SELECT to_regclass('kept')") == [(None,)], "the data go with their home"


def test_the_application_is_no_superuser_and_owns_nothing(shared: EmbeddedPostgres) -> None:
    powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication"
    query = f"SELECT rolname, {powers} FROM pg_roles WHERE rolname LIKE 'trousseau%'"  # noqa: S608 - a constant of ours
    found = rows(shared, SUPERUSER, query)
    assert sorted(found) == [(APPLICATION, False), (OWNER, False)], "neither role has any power over the cluster"
    owned = f"SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = '{APPLICATION}'::regrole"  # noqa: S608 - a constant of ours
    assert rows(shared, SUPERUSER, owned) == [(0,)], "the application owns nothing"
    belongs = "SELECT count(*) FROM pg_auth_members WHERE roleid::regrole::text LIKE 'trousseau%'"
    assert rows(shared, SUPERUSER, belongs) == [(0,)], "and cannot become the owner"


@pytest.mark.parametrize("database", ["trousseau", "another"])
def test_the_application_may_do_what_was_granted_and_no_more(shared: EmbeddedPostgres, database: str) -> None:
    if database == "another":
        shared.create_database(database)
    change(
        shared,
        OWNER,
        "CREATE TABLE ledger (entry text); GRANT SELECT, INSERT ON ledger TO trousseau_app",
        database,
    )
    change(shared, APPLICATION, "INSERT INTO ledger VALUES ('first')", database)
    assert rows(shared, APPLICATION, "SELECT entry FROM ledger", database) == [("first",)]
    for forbidden in (
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "UPDATE ledger SET entry = 'changed'",
        "TRUNCATE ledger",
        "DROP TABLE ledger",
        "SET ROLE trousseau_owner",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            change(shared, APPLICATION, forbidden, database)


def test_the_application_is_refused_at_the_databases_of_the_cluster_itself(
    shared: EmbeddedPostgres,
) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(OperationalError, match="permission denied for database"):
            rows(shared, APPLICATION, "SELECT 1", database)


def test_a_database_is_copied_from_a_template_and_dropped_under_its_users(shared: EmbeddedPostgres) -> None:
    shared.create_database("model")
    change(shared, OWNER, "CREATE TABLE notes AS SELECT 1 AS a", "model")
    shared.create_database("copy-1", template="model")
    assert rows(shared, OWNER, "SELECT a FROM notes", "copy-1") == [(1,)], "a copy has what its template had"
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        shared.create_database("copy-1")
    with connected(shared, OWNER, "copy-1") as connection:
        shared.drop_database("copy-1")
        with pytest.raises(DBAPIError, match="terminating connection"):
            connection.execute(text("SELECT 1"))
        connection.invalidate()
    shared.drop_database("copy-1")  # once more is no error


def test_those_attached_are_told_when_the_owner_stops_the_server(postgres: EmbeddedPostgres) -> None:
    postgres.ensure()
    with connected(postgres, APPLICATION) as connection:
        postgres.stop()
        with pytest.raises(OperationalError, match=r"shutdown|terminating|closed"):
            connection.execute(text("SELECT 1"))
        connection.invalidate()


def test_text_is_utf8_and_case_follows_unicode(shared: EmbeddedPostgres) -> None:
    query = "SELECT current_setting('server_encoding'), upper('éàœ'), current_setting('TimeZone')"
    assert rows(shared, APPLICATION, query) == [("UTF8", "ÉÀŒ", "UTC")]


def test_no_rule_trusts_anybody_and_nothing_listens_to_a_network(shared: EmbeddedPostgres) -> None:
    rules = rows(shared, SUPERUSER, "SELECT type, auth_method, user_name, error FROM pg_hba_file_rules")
    assert rules == [("local", "peer", [SUPERUSER, OWNER, APPLICATION], None)], "one rule: the socket, by peer"
    assert rows(shared, SUPERUSER, "SELECT current_setting('listen_addresses')") == [("",)]
    change(shared, SUPERUSER, "CREATE ROLE intruder LOGIN SUPERUSER")
    socket = make_url(shared.url(OWNER)).query["host"]
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba[.]conf entry"):
        psycopg.connect(host=str(socket), user="intruder", dbname="trousseau")
    with pytest.raises(ValueError, match="no such role"):
        shared.url("intruder")


# The start-up message of the protocol, version 3.0, by hand: this interpreter has no driver, and needs none.
KNOCK = """
import socket, struct, sys
body = struct.pack("!i", 196608) + b"user\\0" + sys.argv[2].encode() + b"\\0database\\0trousseau\\0\\0"
with socket.socket(socket.AF_UNIX) as door:
    door.connect(sys.argv[1])
    door.sendall(struct.pack("!i", len(body) + 4) + body)
    sys.stdout.write(door.recv(1000).decode("utf-8", "replace"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
@pytest.mark.parametrize("role", [SUPERUSER, OWNER, APPLICATION])
def test_another_user_of_the_machine_is_refused(shared: EmbeddedPostgres, role: str) -> None:
    other = server_user()
    assert other is not None
    door = Path(str(make_url(shared.url(OWNER)).query["host"])) / ".s.PGSQL.5432"
    words = [open_interpreter(), "-I", "-c", KNOCK, str(door), role]
    # The server's own user can reach the socket, so it is the server that must refuse.
    inside = subprocess.run(words, user=other.uid, cwd="/", capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert "Peer authentication failed" in inside.stdout, "the rule is for the launching user alone"
    outside = subprocess.run(words, user=1, group=1, cwd="/", capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert "PermissionError" in outside.stderr, "anybody else does not even reach the socket"
