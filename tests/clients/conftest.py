"""Extranets to sign in at."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import npm
from tests.clients.extranets import LIBRARIES, Extranet, running
from tests.world import World


@pytest.fixture(
    params=[pytest.param(name, marks=[] if name == "authlib" else [pytest.mark.node]) for name in LIBRARIES]
)
def extranet(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Extranet]:
    """A syndic's extranet, once for each library."""
    if request.param != "authlib":
        _installed()
    with running(request.param, world, tmp_path) as started:
        yield started


def _installed() -> None:
    """The packages are there, or the test says by which command they would be."""
    try:
        npm.node_modules()
    except npm.CannotInstallError as error:
        reason = f"`{' '.join(npm.COMMAND)}` in tests/clients failed: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true: nothing may be skipped. {reason}")
        pytest.skip(reason)
