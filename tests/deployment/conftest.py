"""The service of docker-compose.yml, once for all tests of the deployment."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.inbox import Inbox
from tests.deployment.authority import certify
from tests.deployment.dockerfile import Image, build
from tests.deployment.engine import Engine
from tests.deployment.house import HOST, House, given, onboard


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where PostgreSQL's and nginx's own users may come, when root runs the tests."""
    made = Path(tempfile.mkdtemp(prefix="trousseau-deployment-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def image(folder: Path) -> Image:
    """What the Dockerfile makes."""
    place = folder / "image"
    place.mkdir()
    return build(place)


@pytest.fixture(scope="session")
def house(folder: Path, image: Image, inbox: Inbox) -> Iterator[House]:
    """Everything that `docker compose up` starts, with one syndic."""
    tls, run = folder / "tls", folder / "run"
    tls.mkdir()
    run.mkdir()
    trust = certify(HOST, tls)
    engine = Engine(run, image, given(inbox, tls))
    try:
        engine.up("worker", "beat", "nginx")
        made = House(engine, inbox, trust, onboard(engine, folder))
        yield made
        made.close()
    finally:
        engine.down()
