"""The PostgreSQL of a run: the embedded one on disk, with fsync and synchronous commits, on the core beside."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import make_url

from bench import cores
from bench.failures import BenchError
from bench.places import RUN
from broker.models import metadata
from config import schema
from config.embedded.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey

MOST_BUFFERS_MIB = 4096


@contextmanager
def servers(where: cores.Cores) -> Iterator[tuple[EmbeddedPostgres, EmbeddedValkey]]:
    """PostgreSQL, and the queue that a production setting must name; their data are removed at the end."""
    RUN.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = RUN / "home"
    postgres, valkey = EmbeddedPostgres(home), EmbeddedValkey(home)
    try:
        for server in (postgres, valkey):
            server.wipe()  # of a run that was killed
            with cores.on(where.rest):
                server.ensure()
        _sized(postgres, where)
        _durable(postgres)
        yield postgres, valkey
    finally:
        for server in (postgres, valkey):
            server.stop()
            server.wipe()
        shutil.rmtree(RUN, ignore_errors=True)


def migrated(postgres: EmbeddedPostgres, name: str) -> None:
    """Make a database with our schema."""
    postgres.create_database(name)
    schema.upgrade(postgres.url(OWNER, name), postgres.url(APPLICATION, name), metadata)


@contextmanager
def connected(postgres: EmbeddedPostgres, role: str, name: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection in autocommit mode."""
    url = make_url(postgres.url(role, name)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


def settle(postgres: EmbeddedPostgres, name: str) -> None:
    """What a server has long done when its millionth owner signs in: statistics, visibility, a checkpoint."""
    with connected(postgres, SUPERUSER, name) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _sized(postgres: EmbeddedPostgres, where: cores.Cores) -> None:
    """Give it a quarter of the memory, as PostgreSQL's manual advises for a server of its own (§19.4.1)."""
    quarter = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
    with connected(postgres, SUPERUSER, "postgres") as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{min(quarter, MOST_BUFFERS_MIB)}MB'")
    postgres.stop()
    with cores.on(where.rest):
        postgres.ensure()


def _durable(postgres: EmbeddedPostgres) -> None:
    with connected(postgres, SUPERUSER, "postgres") as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            found = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            if found != ("on",):
                raise BenchError(f"PostgreSQL's {name} must be on in a comparison")
