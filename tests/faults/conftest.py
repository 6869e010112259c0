"""One deployment for all faults: each trial has syndics, owners and a history of its own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from config import clock
from demo.inbox import Inbox
from tests.faults.deployment import Deployment


@pytest.fixture(scope="package")
def deployed(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Deployment]:
    """The running service."""
    with Deployment(tmp_path_factory.mktemp("faults") / "home", inbox) as running:
        yield running


@pytest.fixture
def deployment(deployed: Deployment) -> Iterator[Deployment]:
    """The running service, whole again after each test; this process's clock stands right outside."""
    deployed.until("the service is whole", deployed.answers)
    deployed.move_clock(0)
    yield deployed
    deployed.heal()
    clock.shift(timedelta())
