"""Three syndics, and the clock given back as it was."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask

from config import clock
from tests.tenants.conftest import new_syndic


class Three(NamedTuple):
    """Three syndics that share nothing."""

    a: uuid.UUID
    b: uuid.UUID
    c: uuid.UUID


def three() -> Three:
    """Add three syndics to the current transaction."""
    return Three(*(new_syndic(slug) for slug in ("agence-a", "agence-b", "agence-c")))


@pytest.fixture
def syndics(app: Flask) -> Three:  # noqa: ARG001 - it is the context that the rows are made in
    """Three syndics in the test's transaction."""
    return three()


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """A function that moves the clock; the clock is right again afterwards."""
    yield clock.shift
    clock.shift(timedelta())
