"""The schema: migrations, and what the application's role may do with each table.

Run with the owner's connection; the application itself never connects as the owner.
"""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from config.database import Base
from config.settings import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_317_001
"""Advisory lock: two upgrades at once run one after the other."""
LOCK_ASKED_S = 0.2
TRIES = 10
"""A revision that met a deadlock with owners at work is brought again."""


def owner_engine(url: str) -> Engine:
    """An engine for the schema's owner."""
    return create_engine(url, poolclass=NullPool)


def upgrade(url: str, application_url: str, metadata: MetaData) -> None:
    """Bring the schema to the newest revision and grant the application's role what each model says.

    Raises:
        SettingsError: the owner's and the application's roles are the same.
    """
    role = make_url(application_url).username
    if role is None or role == make_url(url).username:
        raise SettingsError("TROUSSEAU_DATABASE_URL must name another role than TROUSSEAU_MIGRATION_DATABASE_URL")
    with owner_engine(url).connect() as connection:
        _wait_for_others(connection)
        for left in reversed(range(TRIES)):
            if _is_brought(connection, metadata, role, is_last=not left):
                return


def _is_brought(connection: Connection, metadata: MetaData, role: str, *, is_last: bool) -> bool:
    """Whether the schema is at its head now; not, where owners at work were in the way by a deadlock.

    Each revision is whole or can be run again.
    """
    try:
        command.upgrade(_config(connection, metadata), "head")
        _grant(connection, role)
        connection.commit()
    except OperationalError as error:
        if is_last or not isinstance(error.orig, DeadlockDetected):
            raise
        connection.rollback()
        return False
    return True


def _wait_for_others(connection: Connection) -> None:
    """Take the lock, for as long as the connection stands.

    Asked for again and again: a statement that waits is a transaction, and who builds an index waits for all of them.
    """
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}):
        connection.rollback()
        time.sleep(LOCK_ASKED_S)
    connection.commit()


def revise(url: str, metadata: MetaData, message: str) -> None:
    """Write a new revision from what the models say and the database lacks."""
    with owner_engine(url).begin() as connection:
        command.revision(_config(connection, metadata), message=message, autogenerate=True)


def differences(url: str, metadata: MetaData) -> list[Any]:
    """What the models say and the migrated database does not, as Alembic's operations. Empty: they match."""
    with owner_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


@dataclass(frozen=True)
class Standing:
    """Where the database stands: at which revision, and which one this program brings."""

    database: str
    program: str
    state: Literal["current", "behind", "ahead"]
    """`ahead`: a newer program has migrated it. Revisions only add before they take away, so this one still works."""


def standing(connection: Connection) -> Standing:
    """Compare the database's revision with this program's."""
    head, known = _revisions()
    found = MigrationContext.configure(connection).get_current_revision() or "none"
    if found == head:
        return Standing(found, head, "current")
    return Standing(found, head, "behind" if found == "none" or found in known else "ahead")


@cache
def _revisions() -> tuple[str, frozenset[str]]:
    """The newest revision that this program brings, and all of them: read once, they are files."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return scripts.get_current_head() or "none", frozenset(each.revision for each in scripts.walk_revisions())


def _config(connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(connection=connection, metadata=metadata)
    return config


def _grant(connection: Connection, role: str) -> None:
    """Grant exactly what the models say: INSERT and SELECT on the ledger are all that anybody gets."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
    for mapper in Base.registry.mappers:
        table = mapper.local_table.fullname  # type: ignore[attr-defined]  # every model maps one table
        allowed = ", ".join(mapper.class_.__privileges__)
        connection.execute(text(f"REVOKE ALL ON {table} FROM {quoted}"))
        connection.execute(text(f"GRANT {allowed} ON {table} TO {quoted}"))
