"""Which claims each scope gives, all of them and no others; and the `claims` parameter."""

import json

from tests.conformance import standard_claims
from tests.conformance.agent import Agent
from tests.conformance.party import Party


def gives_its_claims(party: Party, agent: Agent, scope: str) -> None:
    """Sign in with a scope, and compare what userinfo tells with what it promises."""
    assert set(scope.split()) <= set(party.metadata["scopes_supported"]), f"{scope} is supported"
    claims = party.userinfo(party.sign_in(agent, scope=scope))
    promised = standard_claims.of(scope)
    empty = {name for name in promised if claims.get(name) is None}
    assert not empty, f"{scope} gives every claim that it promises; missing: {empty}"
    extra = (claims.keys() & standard_claims.ALL) - promised
    assert not extra, f"{scope} gives no other claim, unlike {extra}"


def test_oidcc_scope_profile(party: Party, agent: Agent) -> None:
    gives_its_claims(party, agent, "openid profile")


def test_oidcc_scope_email(party: Party, agent: Agent) -> None:
    gives_its_claims(party, agent, "openid email")


def test_oidcc_scope_address(party: Party, agent: Agent) -> None:
    gives_its_claims(party, agent, "openid address")


def test_oidcc_scope_phone(party: Party, agent: Agent) -> None:
    gives_its_claims(party, agent, "openid phone")


def test_oidcc_scope_all(party: Party, agent: Agent) -> None:
    gives_its_claims(party, agent, "openid profile email address phone")


def test_oidcc_claims_essential(party: Party, agent: Agent) -> None:
    assert party.metadata.get("claims_parameter_supported"), "the claims parameter is supported"
    tokens = party.sign_in(agent, claims=json.dumps({"userinfo": {"name": {"essential": True}}}))
    assert "name" in party.userinfo(tokens), "userinfo tells the name that was asked for"
    assert "name" not in tokens.claims, "the ID token does not: it was asked of userinfo alone"

    values = party.metadata["acr_values_supported"]
    acr = {"id_token": {"acr": {"essential": True, "values": values}}}
    assert party.sign_in(agent, claims=json.dumps(acr)).claims.get("acr") in values, "an essential acr is honoured"
