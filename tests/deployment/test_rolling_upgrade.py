"""The program before this one and this one serve the same people on one database, and nobody notices the change."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.inbox import Inbox
from tests.deployment import load, previous
from tests.deployment.authority import certify
from tests.deployment.dockerfile import Image
from tests.deployment.engine import Engine
from tests.deployment.house import HOST, House, SignedIn, given, onboard

pytestmark = pytest.mark.nginx


@pytest.fixture
def former(folder: Path, image: Image) -> Image:
    """The program of the revision that landed before."""
    try:
        commit = previous.revision()
        return previous.extracted(commit, folder / "former", image)
    except previous.NoHistory as error:
        if os.environ.get("CI") == "true" and not previous.is_shallow():
            raise
        pytest.skip(f"{error}: clone with history to upgrade from the revision before")


@pytest.fixture
def old_house(folder: Path, image: Image, former: Image, inbox: Inbox) -> Iterator[House]:
    """The service with the former program everywhere."""
    run = Path(tempfile.mkdtemp(dir=folder))
    run.chmod(0o755)
    (run / "tls").mkdir()
    trust = certify(HOST, run / "tls")
    engine = Engine(run, image, given(inbox, run / "tls"))
    engine.images.update(dict.fromkeys(("migrate", "web1", "web2", "worker", "beat"), former))
    engine.services["worker"] = engine.services["beat"] = {**engine.services["worker"]}
    for name, command in {"worker": "worker", "beat": "beat"}.items():
        engine.services[name] = {**engine.services[name], "command": ["python", "-m", "workers", command]}
    try:
        engine.up("nginx")
        engine.start("worker")
        engine.start("beat")
        made = House(engine, inbox, trust, onboard(engine, run))
        yield made
        made.close()
    finally:
        engine.down()


def test_old_and_new_serve_side_by_side_and_nothing_acknowledged_is_lost(old_house: House, image: Image) -> None:
    house, engine = old_house, old_house.engine
    emails, kept = [house.associate()], []

    def sign_in() -> None:
        house.legacy_sign_in()

    def associate() -> None:
        emails.append(house.associate())

    def come_and_go() -> None:
        signed_in = house.sign_in(emails[-1])
        assert signed_in.refresh().status_code == 200, "a refresh token is worth tokens, whoever gave it"
        kept.append(signed_in)
        signed_in.visitor.get(f"{house.syndic.issuer}/logout") if len(kept) % 3 == 0 else None

    with load.running(sign_in, associate, come_and_go) as people:
        people.await_more(3)
        _migrate(engine, image)
        people.await_more(3)  # the former program, on the new schema
        engine.another("new-worker", "worker", image)
        engine.start("new-worker")
        _replace(engine, "web2", image)
        people.await_more(6)  # both, side by side
        engine.stop("worker")
        _replace(engine, "web1", image)
        people.await_more(3)
    _nothing_is_lost(house, emails, kept)
    _is_well_on_a_newer_schema(engine)


def _migrate(engine: Engine, image: Image) -> None:
    engine.stop("migrate")
    engine.images["migrate"] = image
    engine.up("migrate")


def _replace(engine: Engine, name: str, image: Image) -> None:
    engine.stop(name)
    engine.images[name] = image
    engine.up(name)


def _nothing_is_lost(house: House, emails: list[str], kept: list[SignedIn]) -> None:
    for email in emails:
        house.sign_in(email)
    living = [signed_in for number, signed_in in enumerate(kept, 1) if number % 3]
    assert living, "some stay signed in"
    for signed_in in living:
        assert signed_in.refresh().status_code == 200, "who was signed in stays signed in across the upgrade"
    assert "whole" in house.trousseau("ledger", "verify")
    assert "0 stuck" in house.trousseau("outbox", "list") or "stuck" not in house.trousseau("outbox", "list")


def _is_well_on_a_newer_schema(engine: Engine) -> None:
    """So it is this program that will be the former one."""
    psql = ["psql", "--quiet", "--dbname", "trousseau", "--command"]
    engine.run("postgres", [*psql, "UPDATE alembic_version SET version_num = '9999'"])
    assert engine.is_healthy("web1"), "the former program is ready on the schema of the next"
