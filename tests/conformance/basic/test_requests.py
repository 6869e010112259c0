"""What an authorization request may hold, and how it may come."""

import secrets
from urllib.parse import urlencode

from tests.conformance import messages, signatures
from tests.conformance.agent import Agent
from tests.conformance.party import Party


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(party: Party, agent: Agent) -> None:
    assert "nonce" not in party.sign_in(agent, nonce=None).claims, "no nonce comes back where none was sent"


def test_oidcc_alternate_happy_flow(party: Party, agent: Agent) -> None:
    asked = party.request(
        scope="email profile openid", state=secrets.token_hex(64), nonce=secrets.token_hex(32), prompt="login"
    )
    backwards = urlencode(list(reversed(asked.items())))
    visit = party.walk(agent.get(f"{party.metadata['authorization_endpoint']}?{backwards}"), asked)
    party.userinfo(party.complete(visit))
    party.sign_in(agent, nonce=secrets.token_urlsafe(32))


def test_oidcc_display_page(party: Party, agent: Agent) -> None:
    party.sign_in(agent, display="page")


def test_oidcc_display_popup(party: Party, agent: Agent) -> None:
    party.sign_in(agent, display="popup")


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: Party, agent: Agent) -> None:
    party.sign_in(agent, extra="foobar")


def test_oidcc_login_hint(party: Party, agent: Agent) -> None:
    party.sign_in(agent, login_hint="buffy@127.0.0.1")


def test_oidcc_ui_locales(party: Party, agent: Agent) -> None:
    party.sign_in(agent, ui_locales="se")


def test_oidcc_claims_locales(party: Party, agent: Agent) -> None:
    party.sign_in(agent, claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(party: Party, agent: Agent) -> None:
    values = party.metadata.get("acr_values_supported", [])
    assert values, "the provider says which acr it knows"
    assert party.sign_in(agent, acr_values=" ".join(values)).claims.get("acr") in values, "acr is one of those asked"


def test_oidcc_ensure_post_request_succeeds(party: Party, agent: Agent) -> None:
    party.userinfo(party.complete(party.post(agent)))


def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: Party, agent: Agent) -> None:
    verifier = secrets.token_urlsafe(48)
    visit = party.ask(agent, code_challenge=signatures.s256(verifier), code_challenge_method="S256")
    party.complete(visit, code_verifier=verifier)


def test_oidcc_ensure_registered_redirect_uri(party: Party, agent: Agent) -> None:
    _goes_nowhere(party, agent, redirect_uri=f"{party.client.redirect_uri}/random")


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(party: Party, agent: Agent) -> None:
    path = f"/request_object/{secrets.token_hex(8)}"
    party.refusal(party.ask(agent, request_uri=f"{party.receiver.url}{path}"), {"request_uri_not_supported"})
    assert not party.receiver.has_had(path), "what is refused is not fetched"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    party: Party, agent: Agent
) -> None:
    party.refusal(party.ask(agent, request=_request_object(party)), {"request_not_supported"})


def test_oidcc_ensure_request_object_with_redirect_uri(party: Party, agent: Agent) -> None:
    _goes_nowhere(party, agent, request=_request_object(party), redirect_uri=f"{party.client.redirect_uri}/random")


def _request_object(party: Party) -> str:
    """An unsigned one (OIDC Core §6.1): honoured, it would give another nonce than the one outside."""
    inner = party.request(response_mode=None)
    return signatures.unsigned({**inner, "iss": party.client.client_id, "aud": party.metadata["issuer"]})


def _goes_nowhere(party: Party, agent: Agent, **changes: str) -> None:
    """The person gets a page; neither the requested nor the registered address gets anything."""
    page = party.ask(agent, **changes).page
    messages.is_told_to_the_person(page)
    assert page.status >= 400, f"the page is an error's: {page.status}"
    assert not [each for each in agent.visited if party.receiver.serves(each)], "nothing is sent to the client"
