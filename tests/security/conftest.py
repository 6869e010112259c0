"""The stage of the hostile tests."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from config import clock
from demo.inbox import Inbox
from tests.security.houses import Houses
from tests.security.stage import Stage, arranged
from tests.world import World
from workers import outbox


@pytest.fixture(scope="module")
def stage(broker: str, application: Flask, inbox: Inbox) -> Iterator[Stage]:
    """One for all tests of a module: what uses something up gets it fresh."""
    yield arranged(World(broker, application, inbox, outbox.drain))
    clock.shift(timedelta())


@pytest.fixture
def nothing_secret_is_logged(stage: Stage, capfd: pytest.CaptureFixture[str]) -> object:
    """After each of these tests the server's log is read."""
    yield
    logged = "".join(capfd.readouterr())
    assert [secret for secret in stage.secrets() if secret in logged] == [], "no secret and no address is ever logged"
    assert '"unexpected"' not in logged, f"nothing unexpected was raised: {logged[-3000:]}"


@pytest.fixture(scope="module")
def stages(broker: str, application: Flask, inbox: Inbox) -> Iterator[tuple[Stage, Stage]]:
    """Two syndics that trust nobody."""
    world = World(broker, application, inbox, outbox.drain)
    yield arranged(world), arranged(world)
    clock.shift(timedelta())


@pytest.fixture(params=["first at second", "second at first"])
def houses(request: pytest.FixtureRequest, stages: tuple[Stage, Stage]) -> Houses:
    """Both ways."""
    return Houses(*stages) if request.param == "first at second" else Houses(*reversed(stages))
