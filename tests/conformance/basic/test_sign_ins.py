"""Whether the person is asked again: `prompt`, `max_age`, `id_token_hint`; and refresh tokens."""

import secrets
import time

from tests.conformance import messages, signatures
from tests.conformance.agent import Agent
from tests.conformance.entropy import is_unguessable
from tests.conformance.party import Party, Tokens

NOT_SILENTLY = {"login_required", "interaction_required", "account_selection_required", "consent_required"}
LOOK_S = 0.05


def test_oidcc_prompt_login(party: Party, agent: Agent) -> None:
    first = party.sign_in(agent)
    until_after(first.claims["auth_time"])
    visit = party.ask(agent, prompt="login")
    assert visit.sign_ins == 1, "prompt=login shows the login page"
    second = party.complete(visit)
    assert second.claims["auth_time"] > first.claims["auth_time"], "the second sign-in is later"
    assert second.claims["sub"] == first.claims["sub"]


def test_oidcc_prompt_none_not_logged_in(party: Party, agent: Agent) -> None:
    visit = party.ask(agent, prompt="none", state=secrets.token_hex(64))
    party.refusal(visit, NOT_SILENTLY)
    assert (visit.sign_ins, visit.consents) == (0, 0), "prompt=none shows no page"


def test_oidcc_prompt_none_logged_in(party: Party, agent: Agent) -> None:
    first = party.sign_in(agent)
    _is_the_same_sign_in(party, agent, first, prompt="none")


def test_oidcc_id_token_hint(party: Party, agent: Agent) -> None:
    first = party.sign_in(agent)
    _is_the_same_sign_in(party, agent, first, prompt="none", id_token_hint=first.id_token)


def test_oidcc_max_age_1(party: Party, agent: Agent) -> None:
    first = party.sign_in(agent)
    time.sleep(2)  # the module's own wait
    asked_at = int(time.time())
    visit = party.ask(agent, max_age="1")
    assert visit.sign_ins == 1, "a sign-in that is too old is done again"
    again = party.complete(visit).claims["auth_time"]
    assert again > first.claims["auth_time"], "the second sign-in is later"
    assert again >= asked_at, "and as recent as the request"


def test_oidcc_max_age_10000(party: Party, agent: Agent) -> None:
    first = party.sign_in(agent, max_age="15000")
    assert "auth_time" in first.claims, "with max_age the ID token says when"
    _is_the_same_sign_in(party, agent, first, max_age="10000")


def test_oidcc_refresh_token(party: Party, agent: Agent) -> None:
    assert "refresh_token" in party.metadata["grant_types_supported"], "refresh tokens are announced"
    first = _with_refresh_token(party, agent)
    renewed = _refreshed(party, first, first.body["refresh_token"])
    _refreshed(party, first, renewed, scope="openid")
    second = party.as_client(party.provider.clients.second)
    try:
        foreign = _with_refresh_token(second, agent)
        messages.refused(party.refresh(foreign.body["refresh_token"]), "invalid_grant")
        _refreshed(second, foreign, foreign.body["refresh_token"])
    finally:
        second.close()


def until_after(second: int) -> None:
    """Return once a clock that counts whole seconds has gone on."""
    while int(time.time()) <= second:
        time.sleep(LOOK_S)


def _is_the_same_sign_in(party: Party, agent: Agent, first: Tokens, **changes: str) -> None:
    visit = party.ask(agent, **changes)
    assert (visit.sign_ins, visit.consents) == (0, 0), "whoever is signed in, and has consented, sees no page"
    second = party.complete(visit)
    assert second.claims["sub"] == first.claims["sub"], "the same person"
    assert "auth_time" in second.claims, "the ID token says when"
    assert second.claims["auth_time"] == first.claims["auth_time"], "the same sign-in"


def _with_refresh_token(party: Party, agent: Agent) -> Tokens:
    visit = party.ask(agent, scope="openid offline_access", prompt="consent")
    assert visit.consents == 1, "prompt=consent asks for consent"
    tokens = party.complete(visit)
    _is_a_refresh_token(tokens.body.get("refresh_token"))
    return tokens


def _refreshed(party: Party, first: Tokens, refresh_token: str, **more: str) -> str:
    """Use a refresh token and check the answer; the refresh token to use next."""
    until_after(first.claims["iat"])
    body = messages.tokens(party.refresh(refresh_token, **more), needs_id_token=False)
    assert body["token_type"].lower() == "bearer", "the token type is Bearer"
    if "id_token" in body:
        nonce = first.asked["nonce"] if "nonce" in signatures.claims(body["id_token"]) else None
        _goes_on(party.id_claims(body["id_token"], nonce), first)
    successor = body.get("refresh_token", refresh_token)
    _is_a_refresh_token(successor)
    return str(successor)


def _goes_on(claims: dict[str, object], first: Tokens) -> None:
    """OIDC Core §12.2."""
    for name in ("iss", "sub", "aud", "azp", "auth_time"):
        assert claims.get(name) == first.claims.get(name), f"{name} stays what it was"
    assert claims["iat"] != first.claims["iat"], "iat is that of the new token"


def _is_a_refresh_token(value: object) -> None:
    assert isinstance(value, str), "a refresh token is given"
    assert messages.VSCHAR.fullmatch(value), "a refresh token is visible ASCII"
    assert is_unguessable(value), "a refresh token holds at least 128 bits, and 96 of entropy"
