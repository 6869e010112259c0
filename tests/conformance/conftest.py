"""The provider under test, started once for the run: ours, or the reference with CONFORMANCE_PROVIDER=reference."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.postgres import EmbeddedPostgres
from demo.inbox import Inbox
from tests.conformance import ours, reference
from tests.conformance.agent import Agent
from tests.conformance.party import Party, Plan
from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver

HERE = Path(__file__).parent
LAST = "test_oidcc_codereuse_30seconds"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all of these tests, since they share a provider; the one that waits comes last."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("conformance"))
    items.sort(key=lambda item: item.name.startswith(LAST))


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where the relying parties listen."""
    started = Receiver()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def provider(
    request: pytest.FixtureRequest, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    """The provider under test."""
    folder = tmp_path_factory.mktemp("provider")
    if os.environ.get("CONFORMANCE_PROVIDER") == "reference":
        with reference.running(receiver.url, folder) as started:
            yield started
        return
    yield request.getfixturevalue("own_broker").provider


@pytest.fixture(scope="session")
def own_broker(
    postgres: EmbeddedPostgres, inbox: Inbox, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ours.Broker]:
    """Our broker in processes of its own, on a database of its own."""
    with ours.running(postgres, inbox, receiver.url, tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture(autouse=True)
def _has_the_feature(request: pytest.FixtureRequest) -> None:
    """Skip what the provider has no feature for; `docs/conformance.md` says the same."""
    name = request.node.originalname
    if "provider" in request.fixturenames and name in request.getfixturevalue("provider").lacks:
        pytest.skip(request.getfixturevalue("provider").lacks[name])


@pytest.fixture
def plan() -> Plan:
    """Answers come in the query."""
    return "basic"


@pytest.fixture
def party(provider: Provider, receiver: Receiver, plan: Plan) -> Iterator[Party]:
    """The first relying party."""
    made = Party(provider, provider.clients.first, receiver, plan)
    yield made
    made.close()


@pytest.fixture
def agent(provider: Provider) -> Iterator[Agent]:
    """A browser that has never been anywhere."""
    made = Agent(provider.trust)
    yield made
    made.close()
