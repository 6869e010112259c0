"""The stage: a syndic, and a broker that is watched."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from config import clock
from config.database import transaction
from config.embedded.postgres import EmbeddedPostgres
from demo.inbox import Inbox
from tests.security.no_oracle.outgoing import forget_since
from tests.security.no_oracle.watching import Watched, watching
from tests.world import World
from workers import outbox


@pytest.fixture(scope="module")
def house(broker: str, application: Flask, inbox: Inbox) -> Iterator[World]:
    """The world of a module's tests: whatever each of them adds has names of its own; its mails end with it."""
    began = clock.now()
    yield World(broker, application, inbox, outbox.drain)
    clock.shift(timedelta())
    with application.app_context(), transaction():
        forget_since(began)


@pytest.fixture(scope="module")
def watched(house: World, postgres: EmbeddedPostgres, database: str) -> Iterator[Watched]:  # noqa: ARG001 - the inbox's address comes first
    """The broker that is watched."""
    with watching(postgres, database) as made:
        yield made
