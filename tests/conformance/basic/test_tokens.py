"""The code flow, its tokens, and the ways to authenticate and to ask userinfo."""

import httpx2

from tests.conformance import messages, signatures
from tests.conformance.agent import Agent
from tests.conformance.party import Party, told


def test_oidcc_server(party: Party, agent: Agent) -> None:
    tokens = party.sign_in(agent)
    party.userinfo(tokens)


def test_oidcc_response_type_missing(party: Party, agent: Agent) -> None:
    visit = party.ask(agent, response_type=None)
    party.refusal(visit, {"unsupported_response_type", "invalid_request"})


def test_oidcc_idtoken_signature(party: Party, agent: Agent) -> None:
    tokens = party.sign_in(agent)
    header = signatures.header(tokens.id_token)
    assert header["alg"] == "RS256", "who registered nothing else gets RS256"
    assert header["kid"], "the header names its key"


def test_oidcc_idtoken_unsigned(party: Party, agent: Agent) -> None:
    offered = party.metadata["id_token_signing_alg_values_supported"]
    assert "none" not in offered, "unsigned ID tokens are not offered: the module asks for them only where they are"
    assert signatures.header(party.sign_in(agent).id_token)["alg"] in offered, "and none is given"


def test_oidcc_userinfo_get(party: Party, agent: Agent) -> None:
    party.userinfo(party.sign_in(agent))


def test_oidcc_userinfo_post_header(party: Party, agent: Agent) -> None:
    tokens = party.sign_in(agent)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    told(party.http.post(party.metadata["userinfo_endpoint"], headers=headers), tokens, party.metadata)


def test_oidcc_userinfo_post_body(party: Party, agent: Agent) -> None:
    tokens = party.sign_in(agent)
    answer = party.http.post(party.metadata["userinfo_endpoint"], data={"access_token": tokens.access_token})
    told(answer, tokens, party.metadata)


def test_oidcc_server_client_secret_post(party: Party, agent: Agent) -> None:
    _serves(party.as_client(party.provider.clients.posting), agent)


def test_oidcc_server_private_key_jwt(party: Party, agent: Agent) -> None:
    """The happy flow by the third method: no module by itself, but the suite's plans may be run with it."""
    _serves(party.as_client(party.provider.clients.signing), agent)


def test_oidcc_codereuse(party: Party, agent: Agent) -> None:
    tokens = party.sign_in(agent)
    assert party.ask_userinfo(tokens.access_token).status_code == 200
    messages.refused(party.redeem(tokens.code), "invalid_grant")
    _is_worthless(party.ask_userinfo(tokens.access_token))


def _serves(party: Party, agent: Agent) -> None:
    try:
        party.userinfo(party.sign_in(agent))
    finally:
        party.close()


def _is_worthless(answer: httpx2.Response) -> None:
    assert 400 <= answer.status_code < 500, f"a code's second use takes back what it gave: {answer.status_code}"
