"""The RP-Initiated Logout plan."""

import secrets

from tests.conformance import leaving, signatures
from tests.conformance.agent import Agent
from tests.conformance.party import Party


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(party: Party) -> None:
    leaving.is_announced(party)


def test_oidcc_rp_initiated_logout(party: Party, agent: Agent) -> None:
    state = secrets.token_hex(64)
    _comes_back(party, agent, state)
    leaving.is_signed_out(party, agent)


def test_oidcc_rp_initiated_logout_no_state(party: Party, agent: Agent) -> None:
    _comes_back(party, agent, None)
    leaving.is_signed_out(party, agent)


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(party: Party, agent: Agent) -> None:
    hint = party.sign_in(agent).id_token
    _stays(party, agent, id_token_hint=hint, target=f"{party.client.post_logout_redirect_uri}/random")


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(party: Party, agent: Agent) -> None:
    hint = party.sign_in(agent).id_token
    _stays(party, agent, id_token_hint=hint, target=f"{party.client.post_logout_redirect_uri}?foo=bar")


def test_oidcc_rp_initiated_logout_modified_id_token_hint(party: Party, agent: Agent) -> None:
    claims = party.sign_in(agent).claims
    _stays(party, agent, id_token_hint=signatures.unsigned(claims))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(party: Party, agent: Agent) -> None:
    claims = party.sign_in(agent).claims
    forged = {**claims, "iss": party.client.client_id, "aud": party.metadata["issuer"]}
    _stays(party, agent, id_token_hint=signatures.foreign(forged))


def test_oidcc_rp_initiated_logout_no_id_token_hint(party: Party, agent: Agent) -> None:
    party.sign_in(agent)
    _stays(party, agent)


def test_oidcc_rp_initiated_logout_no_params(party: Party, agent: Agent) -> None:
    _ends_on_a_page(party, agent)


def test_oidcc_rp_initiated_logout_only_state(party: Party, agent: Agent) -> None:
    _ends_on_a_page(party, agent, state=secrets.token_urlsafe(16))


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(party: Party, agent: Agent) -> None:
    hint = party.sign_in(agent).id_token
    _ends_on_a_page(party, agent, id_token_hint=hint, state=secrets.token_urlsafe(16))


def _comes_back(party: Party, agent: Agent, state: str | None) -> None:
    hint, target = party.sign_in(agent).id_token, party.client.post_logout_redirect_uri
    more = {"state": state} if state else {}
    page = leaving.sign_out(party, agent, id_token_hint=hint, post_logout_redirect_uri=target, **more)
    leaving.has_returned(party, page, state)


def _stays(party: Party, agent: Agent, target: str | None = None, **values: str) -> None:
    """Nobody is redirected, whatever the person confirms."""
    already = len(agent.visited)
    address = target or party.client.post_logout_redirect_uri
    page = leaving.sign_out(party, agent, post_logout_redirect_uri=address, state=secrets.token_urlsafe(16), **values)
    leaving.has_not_returned(party, agent, page, already)


def _ends_on_a_page(party: Party, agent: Agent, **values: str) -> None:
    """Signed out, and told so."""
    party.sign_in(agent)
    already = len(agent.visited)
    page = leaving.sign_out(party, agent, **values)
    leaving.has_not_returned(party, agent, page, already)
    assert page.status == 200, "the page says that the person is signed out"
    leaving.is_signed_out(party, agent)
