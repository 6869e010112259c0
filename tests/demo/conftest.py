"""An extranet that runs for real, beside the broker's side of the wire."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from demo import extranet
from demo.extranet_config import Config
from demo.generate import DATA
from demo.serving import WebServer
from tests.demo.broker_stand_in import StandIn


@dataclass(frozen=True)
class Running:
    """An extranet's address, and the stand-in that it talks to."""

    url: str
    broker: StandIn


@pytest.fixture(name="running")
def _running() -> Iterator[Running]:
    broker = StandIn()
    with WebServer(broker.app, 0):
        config = Config(
            slug="merle-bleu",
            name="Régie du Merle Bleu",
            colour="#1f4e8c",
            issuer=broker.issuer,
            base=broker.url,
            client_id="extranet-1",
            client_secret="secret-1",
            accounts_csv=DATA / "passerose.csv",
        )
        with extranet.serve(config) as server:
            yield Running(server.url, broker)
