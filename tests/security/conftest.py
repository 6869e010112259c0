"""The stage of the hostile tests."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from config import clock
from demo.inbox import Inbox
from tests.security.stage import Stage, arranged
from tests.world import World
from workers import outbox


@pytest.fixture(scope="module")
def stage(broker: str, application: Flask, inbox: Inbox) -> Iterator[Stage]:
    """One for all tests of a module: what uses something up gets it fresh."""
    yield arranged(World(broker, application, inbox, outbox.drain))
    clock.shift(timedelta())
