"""The broker as a process of its own would be, its database behind a relay that counts what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from flask import Flask
from sqlalchemy.engine import make_url

from broker.app import create_app
from broker.embedded import Addresses
from config.database import db
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.settings import settings
from tests.broker.oidc.round_trips import RoundTrips, counted


@contextmanager
def relayed(postgres: EmbeddedPostgres, database: str) -> Iterator[tuple[Flask, RoundTrips]]:
    """The application on this database, and what counts its round trips."""
    url = postgres.url(APPLICATION, database)
    socket = Path(unquote(str(make_url(url).query["host"])))
    with counted(socket) as (trips, folder):
        here = make_url(url).update_query_dict({"host": folder}).render_as_string(hide_password=False)
        application = create_app(settings(), Addresses(here, None, "redis://127.0.0.1:9/0"))
        yield application, trips
        with application.app_context():
            db.engine.dispose()
