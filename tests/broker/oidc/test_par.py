"""Pushed authorization requests (RFC 9126): for every client, bound to it, opened once."""

from typing import Any

import httpx2
import pytest

from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser, Page
from tests.client_key import ClientKey
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

LOGIN = "Mon compte immobilier"


def _sign_in(page: Page, syndic: TestSyndic) -> Page:
    return sign_in(page, syndic.accounts[0].identifier, syndic.accounts[0].password)


def _is_a_refusal(page: Page, of: str) -> None:
    assert not isinstance(page, Arrived), f"{of}: nothing is redirected, not to {page.url}"
    assert page.status == 400, f"{of}: a page says that the request cannot be used"
    assert "Repartez de votre espace client" in page.text


def _refused(answer: httpx2.Response, error: str = "invalid_request", status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_every_client_may_push_and_the_person_signs_in_as_ever(world: World, method: str) -> None:
    syndic, key = world.syndic(), ClientKey()
    signs = {"jwks": key.jwks} if method == "private_key_jwt" else {}
    client = world.client(syndic, token_endpoint_auth_method=method, **signs)
    party = RelyingParty(client, key if signs else None)
    values = party.request()
    if method == "client_secret_post":
        answer = party.http.post(
            party.metadata["pushed_authorization_request_endpoint"],
            data={**values, "client_secret": client.client_secret},
        )
    else:
        answer = party.push()
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert set(said) == {"request_uri", "expires_in"}
    assert 5 <= said["expires_in"] <= 600, "RFC 9126 section 2.2: a short life in seconds"
    page = _sign_in(Browser().get(party.by_reference(said["request_uri"])), syndic)
    assert party.code(page)


def test_where_it_is_required_a_request_in_the_address_goes_back_refused(world: World) -> None:
    syndic = world.syndic()
    client = world.client(syndic, require_pushed_authorization_requests=True)
    party = RelyingParty(client)
    page = party.begin(Browser())
    assert isinstance(page, Arrived), page.text[:300]
    assert page.query["error"] == "invalid_request"
    assert (page.query["state"], page.query["iss"]) == (party.state, syndic.issuer)
    assert party.complete(_sign_in(Browser().get(party.pushed()), syndic)).id_claims["acr"] == "legacy"


def test_a_request_uri_may_not_be_pushed(world: World) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    first = party.push().json()["request_uri"]
    for inner in (first, "https://example.org/r", "urn:ietf:params:oauth:request_uri:"):
        _refused(party.push(request_uri=inner))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "http://127.0.0.1:9999/elsewhere"}, "invalid_request"),
        ({"redirect_uri": 'http://127.0.0.1:9999/"é'}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"claims": "["}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ],
)
def test_a_wrong_request_is_refused_when_it_is_pushed(world: World, changes: dict[str, str], error: str) -> None:
    _refused(RelyingParty(world.syndic(accounts=0)).push(**changes), error)


def test_another_clients_id_cannot_be_pushed(world: World) -> None:
    syndic = world.syndic(accounts=0)
    other = world.client(syndic)
    _refused(RelyingParty(syndic).push(client_id=other.client_id))


def test_a_repeated_parameter_is_refused_whatever_it_is(world: World) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    for name in ("state", "scope", "redirect_uri", "unknown"):
        values: dict[str, Any] = {**party.request(), name: ["one", "two"]}
        login = (party.syndic.client_id, party.syndic.client_secret)
        address = party.metadata["pushed_authorization_request_endpoint"]
        _refused(party.http.post(address, data=values, auth=login))


def test_who_cannot_prove_to_be_the_client_pushes_nothing(world: World) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    address = party.metadata["pushed_authorization_request_endpoint"]
    _refused(
        party.http.post(address, data=party.request(), auth=(party.syndic.client_id, "wrong")), "invalid_client", 401
    )
    assert party.http.post(address, data=party.request()).status_code in {400, 401}
    assert party.http.get(address).status_code == 405, "by POST only (RFC 9126 section 2.1)"


def test_a_request_uri_opens_for_its_own_client_at_its_own_issuer_only(world: World) -> None:
    syndic, elsewhere = world.syndic(), world.syndic()
    other = world.client(syndic)
    party = RelyingParty(syndic)
    reference = party.push().json()["request_uri"]
    for client, of in ((other, "another client's"), (elsewhere, "another syndic's")):
        _is_a_refusal(Browser().get(RelyingParty(client).by_reference(reference)), of)
    twisted = party.by_reference(reference, client_id=other.client_id)
    _is_a_refusal(Browser().get(twisted), "another client's id")
    without = f"{party.metadata['authorization_endpoint']}?request_uri={reference}"
    _is_a_refusal(Browser().get(without), "no client_id (RFC 9126 section 4)")
    assert party.code(_sign_in(Browser().get(party.by_reference(reference)), syndic)), "nobody has used it up"


def test_an_unknown_an_expired_and_a_used_request_uri_are_refused(world: World) -> None:
    syndic = world.syndic()
    party, browser = RelyingParty(syndic), Browser()
    prefix = "urn:ietf:params:oauth:request_uri:"
    _is_a_refusal(browser.get(party.by_reference(prefix + "x" * 43)), "unknown")
    old = party.push().json()
    world.later(seconds=old["expires_in"] + 1)
    _is_a_refusal(browser.get(party.by_reference(old["request_uri"])), "expired")
    address = party.pushed()
    assert party.code(_sign_in(browser.get(address), syndic))
    _is_a_refusal(browser.get(address), "used")
    _is_a_refusal(Browser().get(address), "used, in another browser")


def test_a_reload_before_completion_works_and_two_tabs_get_one_code(world: World) -> None:
    syndic = world.syndic()
    party, browser = RelyingParty(syndic), Browser()
    address = party.pushed()
    first, second = browser.get(address), browser.get(address)
    assert first.heading == second.heading == LOGIN, "a reload shows the login page again"
    done = _sign_in(first, syndic)
    assert party.code(done)
    late = _sign_in(second, syndic)
    assert "code" not in getattr(late, "query", {}), "one request gives one code"
    assert late.status < 500


def test_a_person_may_take_longer_than_the_request_uri_lives(world: World) -> None:
    syndic = world.syndic()
    party, browser = RelyingParty(syndic), Browser()
    page = browser.get(party.pushed())
    world.later(minutes=20)
    assert party.code(_sign_in(page, syndic)), "its short life is for opening it, not for typing a password"


def test_what_the_address_says_besides_is_ignored(world: World) -> None:
    syndic = world.syndic()
    party = RelyingParty(syndic)
    reference = party.push(scope="openid").json()["request_uri"]
    hostile = {
        "redirect_uri": "https://evil.example/",
        "scope": "openid profile email accounts",
        "state": "evil",
        "nonce": "evil",
        "prompt": "none",
        "response_type": "token",
        "code_challenge": "x" * 43,
        "response_mode": "form_post",
        "claims": "{",
    }
    tokens = party.complete(_sign_in(Browser().get(party.by_reference(reference, **hostile)), syndic))
    assert set(tokens.userinfo) <= {"sub", "person"}, "only the pushed scope counts"


def test_a_silent_pushed_request_is_answered_at_once_with_a_code_or_with_why_not(world: World) -> None:
    person = owner(world)
    party = person.party()
    assert party.complete(person.browser.get(party.pushed(prompt="none"))).id_claims["acr"] == "password"
    stranger = person.party()
    page = Browser().get(stranger.pushed(prompt="none"))
    assert isinstance(page, Arrived), page.text[:300]
    assert page.query["error"] == "login_required"
    assert (page.query["state"], page.query["iss"]) == (stranger.state, person.syndic.issuer)


def test_with_a_living_session_a_request_uri_gives_one_code_and_no_second(world: World) -> None:
    person = owner(world)
    party = person.party()
    address = party.pushed()
    assert party.code(person.browser.get(address))
    _is_a_refusal(person.browser.get(address), "used")


def test_prompt_login_by_a_pushed_request_asks_for_the_password(world: World) -> None:
    person = owner(world)
    world.later(seconds=5)
    party = person.party()
    assert person.browser.get(party.pushed(prompt="login")).heading == LOGIN


def test_a_request_uri_may_be_posted(world: World) -> None:
    syndic = world.syndic()
    party = RelyingParty(syndic)
    values = {"client_id": syndic.client_id, "request_uri": party.push().json()["request_uri"]}
    browser = Browser()
    page = browser.post(party.metadata["authorization_endpoint"], {**values, "redirect_uri": "https://evil.example/"})
    assert party.complete(_sign_in(page, syndic)).id_claims["acr"] == "legacy"
    _is_a_refusal(browser.post(party.metadata["authorization_endpoint"], values), "used")


def test_a_proof_with_the_pushed_request_binds_the_code_to_its_key(world: World) -> None:
    syndic = world.syndic()
    party, key, thief = RelyingParty(syndic), ClientKey(), ClientKey()
    par, token = (party.metadata[name] for name in ("pushed_authorization_request_endpoint", "token_endpoint"))
    asked = party.push({"DPoP": key.proof("POST", par)})
    assert (asked.status_code, asked.json()["error"]) == (400, "use_dpop_nonce")
    nonce = asked.headers["dpop-nonce"]
    for other in (thief, None):
        pushed = party.push({"DPoP": key.proof("POST", par, nonce=nonce)})
        assert pushed.status_code == 201, pushed.text
        code = party.code(_sign_in(Browser().get(party.by_reference(pushed.json()["request_uri"])), syndic))
        headers = {"DPoP": other.proof("POST", token, nonce=nonce)} if other else {}
        refused = party.redeem(code, headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant"), "the code is that key's"
    pushed = party.push({"DPoP": key.proof("POST", par, nonce=nonce)})
    code = party.code(_sign_in(Browser().get(party.by_reference(pushed.json()["request_uri"])), syndic))
    given = party.redeem(code, {"DPoP": key.proof("POST", token, nonce=nonce)})
    assert (given.status_code, given.json()["token_type"]) == (200, "DPoP")


def test_a_proof_and_a_thumbprint_that_contradict_each_other_are_refused(world: World) -> None:
    party, key, other = RelyingParty(world.syndic(accounts=0)), ClientKey(), ClientKey()
    par = party.metadata["pushed_authorization_request_endpoint"]
    nonce = party.push({"DPoP": key.proof("POST", par)}).headers["dpop-nonce"]
    refused = party.push({"DPoP": key.proof("POST", par, nonce=nonce)}, dpop_jkt=other.thumbprint)
    assert refused.status_code == 400, "RFC 9449 section 10.1: the request must be rejected"
    same = party.push({"DPoP": key.proof("POST", par, nonce=nonce)}, dpop_jkt=key.thumbprint)
    assert same.status_code == 201, same.text


def test_a_thumbprint_binds_the_code_of_a_plain_request_too(world: World) -> None:
    syndic = world.syndic()
    key, thief = ClientKey(), ClientKey()
    party = RelyingParty(syndic)
    token = party.metadata["token_endpoint"]
    nonce = party.redeem("x", {"DPoP": key.proof("POST", token)}).headers["dpop-nonce"]
    for prover, expected in ((thief, 400), (None, 400), (key, 200)):
        attempt = RelyingParty(syndic)
        code = attempt.code(_sign_in(attempt.begin(Browser(), dpop_jkt=key.thumbprint), syndic))
        headers = {"DPoP": prover.proof("POST", token, nonce=nonce)} if prover else {}
        assert attempt.redeem(code, headers).status_code == expected


def test_every_answer_of_the_authorization_endpoint_names_its_issuer(world: World) -> None:
    syndic = world.syndic()
    for changes in ({}, {"response_mode": "form_post"}):
        party = RelyingParty(syndic)
        page = _sign_in(Browser().get(party.pushed(**changes)), syndic)
        if changes:
            values = {str(field["name"]): str(field["value"]) for field in page.soup.select("form#answer input")}
        else:
            values = getattr(page, "query", {})
        assert set(values) == {"code", "state", "iss"}
        assert values["iss"] == syndic.issuer, "RFC 9207"
