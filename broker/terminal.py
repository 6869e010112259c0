"""What operators' commands run in: the database session, a scratch server, a progress bar."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask

from broker.embedded import Addresses, addresses
from config.database import attach, db, engine_options
from config.settings import settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def application(where: Addresses | None = None) -> Iterator[None]:
    """The database session of a command: no web application, so a command starts quickly."""
    found = where or addresses(settings())
    app = Flask("trousseau")
    app.config.update(SQLALCHEMY_DATABASE_URI=found.application, SQLALCHEMY_ENGINE_OPTIONS=engine_options())
    attach(app)
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def scratch() -> Iterator[tuple[str, str]]:
    """A database server of its own in a temporary folder: (owner's address, application's address)."""
    with tempfile.TemporaryDirectory(prefix="trousseau-") as folder:
        fresh = replace(settings(), home=Path(folder), database_url=None, migration_url=None, redis_url="unused")
        from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres

        server = EmbeddedPostgres(fresh.home, in_memory=True, fsync=False)
        try:
            server.ensure()
            yield server.url(OWNER), server.url(APPLICATION)
        finally:
            server.stop()
            server.wipe()


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of lines, on standard error."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield advance


def show(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
