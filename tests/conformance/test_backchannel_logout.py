"""The Back-Channel Logout plan (OpenID Connect Back-Channel Logout 1.0)."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance import leaving, signatures
from tests.conformance.agent import Agent
from tests.conformance.party import Party, Tokens
from tests.conformance.provider import Provider
from tests.conformance.receiver import Arrival, Receiver

EVENT = "http://schemas.openid.net/event/backchannel-logout"
DAY_S = 24 * 3600


@pytest.fixture
def party(provider: Provider, receiver: Receiver) -> Iterator[Party]:
    """A relying party that wants logout tokens."""
    made = Party(provider, provider.clients.backchannel, receiver, "basic")
    yield made
    made.close()


def test_oidcc_backchannel_logout_discovery_endpoint_verification(party: Party) -> None:
    leaving.is_announced(party)
    for name in ("backchannel_logout_supported", "backchannel_logout_session_supported"):
        assert party.metadata.get(name) is True, f"{name} is true"


def test_oidcc_backchannel_rp_initiated_logout(party: Party, agent: Agent) -> None:
    tokens, state = party.sign_in(agent), secrets.token_hex(64)
    assert tokens.claims.get("sid"), "the ID token names its session"
    target = party.client.post_logout_redirect_uri
    page = leaving.sign_out(party, agent, id_token_hint=tokens.id_token, post_logout_redirect_uri=target, state=state)
    leaving.has_returned(party, page, state)
    arrival = party.receiver.wait_for(
        "/backchannel/backchannel_logout",
        "a logout token is posted for the session that ended",
        lambda each: _session(each) == tokens.claims["sid"],
    )
    assert (arrival.method, arrival.content_type) == ("POST", "application/x-www-form-urlencoded")
    assert not arrival.query, "nothing is in the address"
    assert [name for name, _ in arrival.form] == ["logout_token"], "logout_token is the only field"
    _is_right(signatures.verified(dict(arrival.form)["logout_token"], party.keys), party, tokens)
    leaving.is_signed_out(party, agent)


def _session(arrival: Arrival) -> Any:
    token = dict(arrival.form).get("logout_token")
    return signatures.claims(token).get("sid") if token else None


def _is_right(claims: dict[str, Any], party: Party, tokens: Tokens) -> None:
    """§2.4."""
    now, audience = time.time(), claims["aud"]
    assert claims["iss"] == party.metadata["issuer"], "iss is the issuer, exactly"
    assert party.client.client_id in ([audience] if isinstance(audience, str) else audience), "aud is this client"
    assert now - DAY_S < claims["iat"] <= now + 1, "iat is now"
    assert claims.get("jti"), "jti is there"
    assert claims["events"] == {EVENT: {}}, "the event is a back-channel logout, and nothing else"
    assert claims["sid"] == tokens.claims["sid"], "sid is the ID token's"
    assert claims.get("sub", tokens.claims["sub"]) == tokens.claims["sub"], "sub is the ID token's, where it is given"
    assert "nonce" not in claims, "a logout token has no nonce"
