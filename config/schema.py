"""The schema: migrations, and what the application's role may do with each table.

Run with the owner's connection; the application itself never connects as the owner.
"""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.engine.url import make_url
from sqlalchemy.pool import NullPool

from config.database import Base
from config.settings import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_317_001
"""Advisory lock: two upgrades at once run one after the other."""


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
    with owner_engine(url).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(_config(connection, metadata), "head")
        _grant(connection, role)


def revise(url: str, metadata: MetaData, message: str) -> None:
    """Write a new revision from what the models say and the database lacks."""
    with owner_engine(url).begin() as connection:
        command.revision(_config(connection, metadata), message=message, autogenerate=True)


def differences(url: str, metadata: MetaData) -> list[Any]:
    """What the models say and the migrated database does not, as Alembic's operations. Empty: they match."""
    with owner_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def is_current(connection: Connection) -> bool:
    """Whether the database is at this program's newest revision, or at one that only a newer program knows.

    While the service is upgraded, the former program goes on with the schema of the next (docs/operate.md).
    """
    scripts = ScriptDirectory(str(MIGRATIONS))
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    return found is not None and (found == scripts.get_current_head() or found not in known)


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
