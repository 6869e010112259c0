"""Our broker as in production: `granian --factory broker.wsgi:application`, four blocking threads, every check on."""

import base64
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench import cores, database, processes
from bench.places import RUN
from bench.population.filling import Population, Size
from bench.running import HOST, Running, free_port
from bench.target import Endpoints, Target, proxied
from bench.visitors import write
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from config.settings import settings

NAME = "trousseau"
BASE_HOST = "broker.bench"
HEADERS = proxied(BASE_HOST)
GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--factory", "broker.wsgi:application", "--http", "1", "--no-ws"),
    *("--workers", "1", "--blocking-threads", "4", "--host", HOST),
)
ENDPOINTS = Endpoints(
    authorize="/authorize",
    token="/token",
    userinfo="/userinfo",
    introspect="/introspect",
    discovery="/.well-known/openid-configuration",
    jwks="/jwks",
)


def adopt_settings(valkey: EmbeddedValkey) -> None:
    """Give this process and all that it starts the settings of a production service.

    The database's address is added for each server; the address of browsers is https, behind one proxy.
    """
    os.environ.update(
        TROUSSEAU_ENV="production",
        TROUSSEAU_HOME=str(RUN / "home"),
        TROUSSEAU_DATABASE_URL="postgresql+psycopg://trousseau_app@/unset?host=/nowhere",
        TROUSSEAU_REDIS_URL=valkey.celery_url,
        TROUSSEAU_ROOT_SECRET=_key(),
        TROUSSEAU_ENCRYPTION_KEYS=f"bench:{_key()}",
        TROUSSEAU_BASE_URL=f"https://{BASE_HOST}",
        TROUSSEAU_SMTP_URL=f"smtp://{HOST}:9",
        TROUSSEAU_MAIL_FROM="bench@trousseau.test",
        TROUSSEAU_TRUSTED_PROXIES="1",
    )
    settings.cache_clear()


def environment(postgres: EmbeddedPostgres, name: str) -> Mapping[str, str]:
    """The settings of a web process on one database."""
    return {**os.environ, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, name)}


def populated(postgres: EmbeddedPostgres, name: str, size: Size) -> None:
    """Make a database of that size, with its file of visitors."""
    database.migrated(postgres, name)
    population = Population(size)
    with database.connected(postgres, APPLICATION, name) as connection:
        population.fill(connection, lambda line: print(f"  {line}", flush=True))
    write(RUN / f"{name}.visitors", population.visitors())
    database.settle(postgres, name)


@contextmanager
def serving(postgres: EmbeddedPostgres, name: str, size: Size, core: int) -> Iterator[Target]:
    """The broker on a populated database, pinned to a core."""
    port, started = _started(postgres, name, core)
    with started:
        known = Target(
            NAME, port, BASE_HOST, ENDPOINTS, RUN / f"{name}.visitors", size.sessions, started.pid, postgres.pid
        )
        started.await_answer(port, "/t/agence-00000/jwks", known.headers)
        web = tuple(pid for pid in processes.tree(started.pid) if pid != started.pid)
        yield Target(**{**vars(known), "web": web})


@contextmanager
def running(postgres: EmbeddedPostgres, name: str, core: int) -> Iterator[int]:
    """The broker on any migrated database, pinned to a core. Gives its port."""
    port, started = _started(postgres, name, core)
    with started:
        started.await_answer(port, "/login", HEADERS)
        yield port


def _started(postgres: EmbeddedPostgres, name: str, core: int) -> tuple[int, Running]:
    port = free_port()
    argv = [sys.executable, *GRANIAN, "--port", str(port)]
    with cores.on(core):
        return port, Running(argv, environment(postgres, name), RUN / f"{name}.log")


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
