"""The Front-Channel Logout plan (OpenID Connect Front-Channel Logout 1.0)."""

import secrets
from collections.abc import Iterator

import pytest

from tests.conformance import leaving
from tests.conformance.agent import Agent
from tests.conformance.party import Party
from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver


@pytest.fixture
def party(provider: Provider, receiver: Receiver) -> Iterator[Party]:
    """A relying party that wants a frame in the logout page."""
    made = Party(provider, provider.clients.frontchannel, receiver, "basic")
    yield made
    made.close()


def test_oidcc_frontchannel_logout_discovery_endpoint_verification(party: Party) -> None:
    leaving.is_announced(party)
    for name in ("frontchannel_logout_supported", "frontchannel_logout_session_supported"):
        assert party.metadata.get(name) is True, f"{name} is true"


def test_oidcc_frontchannel_rp_initiated_logout(party: Party, agent: Agent) -> None:
    tokens, state = party.sign_in(agent), secrets.token_hex(64)
    target = party.client.post_logout_redirect_uri
    page = leaving.sign_out(party, agent, id_token_hint=tokens.id_token, post_logout_redirect_uri=target, state=state)
    assert agent.framed, "the logout page holds a frame"
    arrival = party.receiver.wait_for(
        "/frontchannel/frontchannel_logout",
        "the frame of the logout page is the client's, and names the session",
        lambda each: dict(each.query).get("sid") == tokens.claims["sid"],
    )
    assert sorted(arrival.query) == sorted([("iss", party.metadata["issuer"]), ("sid", tokens.claims["sid"])])
    leaving.has_returned(party, page, state)
    leaving.is_signed_out(party, agent)
