"""The provider: what any client library finds, and what no client, code or token of another syndic gets."""

import time

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.browser import Arrived, Browser
from tests.journeys.steps import associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World


def test_discovery_tells_what_is_done_and_each_issuer_has_its_own_keys(world: World) -> None:
    one, other = RelyingParty(world.syndic(accounts=0)), RelyingParty(world.syndic(accounts=0))
    assert one.metadata["issuer"] == one.syndic.issuer
    assert one.metadata["code_challenge_methods_supported"] == ["S256"]
    keys = [httpx2.get(party.metadata["jwks_uri"]).json()["keys"] for party in (one, other)]
    assert {key["alg"] for key in keys[0]} == {"RS256", "ES256"}
    assert not {key["kid"] for key in keys[0]} & {key["kid"] for key in keys[1]}, "issuers share no key"
    assert not any({"d", "p", "q", "k"} & key.keys() for key in keys[0]), "only public halves are published"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "[1]"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://example.org/r"}, "request_uri_not_supported"),
    ],
)
def test_a_wrong_request_goes_back_with_error_state_and_iss(world: World, changes: dict[str, str], error: str) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    page = party.begin(Browser(), **changes)
    assert isinstance(page, Arrived), page.text[:300]
    assert page.query["error"] == error
    assert page.query["state"] == party.state
    assert page.query["iss"] == party.syndic.issuer
    assert "code" not in page.query


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:9999/callback/more"},
        {"redirect_uri": 'http://127.0.0.1:9999/callback"%22é'},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": ""},
    ],
)
def test_before_client_and_address_are_proved_there_is_a_page_and_no_redirect(
    world: World, changes: dict[str, str]
) -> None:
    page = RelyingParty(world.syndic(accounts=0)).begin(Browser(), **changes)
    assert page.status == 400
    assert not isinstance(page, Arrived)
    assert "Repartez de votre espace client" in page.text


def test_a_code_works_once_and_its_second_use_takes_back_what_it_gave(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    code = party.code(page)
    first = party.redeem(code).json()
    assert party.userinfo(first["access_token"]).status_code == 200
    again = party.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(first["access_token"]).status_code == 401


@pytest.mark.parametrize("verifier", ["", "x" * 43, "short", "é" * 50])
def test_a_code_needs_its_verifier(world: World, verifier: str) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    answer = party.redeem(party.code(page), code_verifier=verifier)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_expires_after_a_minute(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    world.later(seconds=61)
    assert party.redeem(party.code(page)).json()["error"] == "invalid_grant"


def test_a_code_is_worth_nothing_to_another_client_or_at_another_syndic(world: World) -> None:
    syndic, other = world.syndic(), world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    thief = RelyingParty(other)
    thief.verifier = party.verifier
    assert thief.redeem(party.code(page)).json()["error"] == "invalid_grant"


def test_a_client_does_not_exist_at_another_syndics_token_endpoint(world: World) -> None:
    syndic, other = world.syndic(), world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    party.metadata["token_endpoint"] = RelyingParty(other).metadata["token_endpoint"]
    answer = party.redeem(party.code(page))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_access_token_opens_only_its_own_issuers_userinfo(world: World) -> None:
    syndic, other = world.syndic(), world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    tokens = party.complete(page)
    assert RelyingParty(other).userinfo(tokens.access_token).status_code == 401
    assert party.userinfo(tokens.id_token).status_code == 401, "an id_token is no access token"
    assert party.userinfo("nonsense").status_code == 401
    assert httpx2.get(party.metadata["userinfo_endpoint"]).status_code == 401


def test_an_access_token_dies_after_five_minutes(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    tokens = party.complete(page)
    world.later(seconds=301)
    assert party.userinfo(tokens.access_token).status_code == 401


def test_a_wrong_client_secret_is_refused_by_401(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    party.syndic.client_secret += "x"
    answer = party.redeem(party.code(page))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_silent_sign_in_needs_a_session_and_keeps_subject_and_time(world: World) -> None:
    syndic = world.syndic()
    email = f"sso@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    browser, party = Browser(), RelyingParty(syndic)
    first = party.complete(sign_in(party.begin(browser), email, "corbeau-lampe-tracteur-violon"))
    again = RelyingParty(syndic)
    second = again.complete(again.begin(browser, prompt="none"))
    assert second.id_claims["sub"] == first.id_claims["sub"]
    assert second.id_claims["auth_time"] == first.id_claims["auth_time"]
    assert second.id_claims["sid"] == first.id_claims["sid"]


def test_prompt_login_asks_again_and_the_time_is_later(world: World) -> None:
    syndic = world.syndic()
    account, browser = syndic.accounts[0], Browser()
    party, page = legacy_sign_in(browser, syndic, account)
    first = party.complete(page).id_claims["auth_time"]
    world.later(seconds=5)
    again = RelyingParty(syndic)
    page = again.begin(browser, prompt="login")
    assert page.heading == "Mon compte immobilier"
    second = again.complete(sign_in(page, account.identifier, account.password)).id_claims["auth_time"]
    assert second > first


def test_max_age_is_honoured(world: World) -> None:
    syndic = world.syndic()
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    party.complete(page)
    world.later(seconds=100)
    assert isinstance(RelyingParty(syndic).begin(browser, max_age="1000"), Arrived)
    assert RelyingParty(syndic).begin(browser, max_age="10").heading == "Mon compte immobilier"


def test_a_posted_request_is_answered_like_one_by_get(world: World) -> None:
    syndic = world.syndic()
    party = RelyingParty(syndic)
    values = dict(httpx2.URL(party.address()).params.items())
    page = Browser().post(party.metadata["authorization_endpoint"], values)
    account = syndic.accounts[0]
    assert party.complete(sign_in(page, account.identifier, account.password)).id_claims["acr"] == "legacy"


def test_form_post_carries_any_state_exactly_and_nothing_in_the_address(world: World) -> None:
    syndic = world.syndic()
    party = RelyingParty(syndic)
    party.state = "a b%\"<x>&é'" + "s" * 100
    account = syndic.accounts[0]
    page = sign_in(party.begin(Browser(), response_mode="form_post"), account.identifier, account.password)
    form = page.soup.find("form", attrs={"action": syndic.redirect_uri})
    assert form is not None, page.text[:300]
    values = {field["name"]: field["value"] for field in form.find_all("input")}
    assert values["state"] == party.state
    assert set(values) == {"code", "state", "iss"}
    assert "code=" not in page.url


def test_a_logout_with_the_sessions_own_hint_ends_it_and_comes_back(world: World) -> None:
    syndic = world.syndic()
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    tokens = party.complete(page)
    target = "http://127.0.0.1:9999/logged-out"
    values = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": target, "state": "s" * 128}
    left = browser.get(party.metadata["end_session_endpoint"], params=values)
    assert isinstance(left, Arrived)
    assert left.query == {"state": "s" * 128}
    assert party.userinfo(tokens.access_token).status_code == 401, "a logout ends the whole login session"
    assert RelyingParty(syndic).begin(browser).heading == "Mon compte immobilier"


def test_a_logout_without_a_hint_asks_first(world: World) -> None:
    syndic = world.syndic()
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    tokens = party.complete(page)
    asked = browser.get(party.metadata["end_session_endpoint"])
    assert party.userinfo(tokens.access_token).status_code == 200, "asking ends nothing"
    assert asked.submit("Se déconnecter").heading == "Vous êtes déconnecté"
    assert party.userinfo(tokens.access_token).status_code == 401


def test_a_forged_hint_or_foreign_address_never_redirects(world: World) -> None:
    syndic = world.syndic()
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    tokens = party.complete(page)
    end = party.metadata["end_session_endpoint"]
    foreign = jwt.encode({"alg": "RS256"}, tokens.id_claims, RSAKey.generate_key(2048), algorithms=["RS256"])
    target = "http://127.0.0.1:9999/logged-out"
    for values in (
        {"id_token_hint": foreign, "post_logout_redirect_uri": target},
        {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": target + "?foo=bar"},
        {"post_logout_redirect_uri": target},
    ):
        refused = browser.get(end, params=values)
        assert not isinstance(refused, Arrived)
        assert refused.status == 400
    assert party.userinfo(tokens.access_token).status_code == 200, "nothing was ended"


def test_both_algorithms_sign_with_their_published_keys(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    tokens = party.complete(page)
    keys = KeySet.import_key_set(httpx2.get(party.metadata["jwks_uri"]).json())
    assert jwt.decode(tokens.id_token, keys, algorithms=["RS256"]).header["alg"] == "RS256"
    access = jwt.decode(tokens.access_token, keys, algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"
    assert access.claims["exp"] > time.time()


def test_an_identity_without_an_account_here_is_told_so_and_sends_no_code(world: World) -> None:
    one, other = world.syndic(), world.syndic()
    email = f"ailleurs@{one.slug}.example"
    associate(world, one, one.accounts[0], email)
    page = sign_in(RelyingParty(other).begin(Browser()), email, "corbeau-lampe-tracteur-violon")
    assert not isinstance(page, Arrived)
    assert one.name not in page.response.text, "no other syndic is named"


def test_a_sign_in_at_one_syndic_is_silent_at_another_only_under_switch(world: World) -> None:
    one, partner, linked = world.syndic(), world.syndic(), world.syndic()
    world.trust(one.slug, partner.slug)
    world.trust(one.slug, linked.slug, purposes=("link",))
    world.trust(partner.slug, linked.slug, purposes=("link",))
    email = f"trois@{one.slug}.example"
    for syndic in (one, partner, linked):
        associate(world, syndic, syndic.accounts[0], email)
    browser, party = Browser(), RelyingParty(one)
    party.complete(sign_in(party.begin(browser), email, "corbeau-lampe-tracteur-violon"))
    assert isinstance(RelyingParty(partner).begin(browser), Arrived), "under switch no password is typed"
    assert RelyingParty(linked).begin(browser).heading == "Mon compte immobilier", "without it the login page comes"
    assert email_sign_in(linked, email).id_claims["acr"] == "password"
