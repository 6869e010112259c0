"""One module again by an https address, where cookies, forwarded headers and addresses are others."""

import os

import pytest

from tests.conformance import ours
from tests.conformance.agent import Agent
from tests.conformance.party import Party
from tests.conformance.receiver import Receiver


@pytest.mark.skipif(
    os.environ.get("CONFORMANCE_PROVIDER") == "reference", reason="only our own broker is put behind TLS"
)
def test_oidcc_server_behind_tls(own_broker: ours.Broker, receiver: Receiver) -> None:
    with ours.behind_tls(own_broker) as provider:
        agent, party = Agent(provider.trust), Party(provider, provider.clients.first, receiver, "basic")
        try:
            party.userinfo(party.sign_in(agent))
            assert all(cookie.secure for cookie in agent.http.cookies.jar), "cookies travel by https only"
            assert {address.partition(":")[0] for address in agent.visited[:-1]} == {"https"}, "and so does the person"
        finally:
            party.close()
            agent.close()
