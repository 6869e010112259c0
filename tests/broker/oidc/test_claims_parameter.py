"""The `claims` parameter (OIDC Core §5.5): what is asked for is told, if it is known and released, and nothing else."""

import json
from typing import Any

import pytest

from broker.identities import profile, releases
from broker.identities import service as identities
from config.database import transaction
from tenants.syndics import service as syndics
from tests.broker.oidc.owners import Owner, owner, said, shared
from tests.browser import Arrived, Browser
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World

CENTRAL: dict[str, Any] = {
    "name": "Jeanne Centrale",
    "given_name": "Jeanne",
    "birthdate": "1950-02-03",
    "phone_number": "+33 4 74 00 00 01",
    "phone_number_verified": True,
    "address": {"locality": "Belley"},
}
LOGIN = "Mon compte immobilier"


def _describe(person: Owner, released: set[str]) -> None:
    with person.world.application.app_context(), transaction():
        identity = identities.by_email(person.email)
        assert identity is not None
        profile.describe(identity, CENTRAL)
        releases.release(identity, syndics.get(person.syndic.slug).id, released)


def _asked(person: Owner, claims: Any, party: RelyingParty | None = None, **extra: str) -> dict[str, Any]:
    """The token answer of a request with this parameter."""
    at = party or person.party()
    code = person.code(at, **{"scope": "openid", "claims": json.dumps(claims), **extra})
    answer = at.redeem(code)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _told(person: Owner, claims: Any, **extra: str) -> dict[str, Any]:
    party = person.party()
    answer = party.userinfo(_asked(person, claims, party, **extra)["access_token"])
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


ALWAYS = {"sub", "person"}
OF_THE_ID_TOKEN = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "at_hash", "nonce"}


def test_userinfo_tells_what_was_asked_for_beside_the_scopes(world: World) -> None:
    person = shared(world, __name__)
    assert set(_told(person, {"userinfo": {"name": None}})) == {*ALWAYS, "name"}
    told = _told(person, {"userinfo": {"name": {"essential": True}, "email": {"essential": False}}})
    assert set(told) == {*ALWAYS, "name", "email"}
    assert set(_told(person, {"userinfo": {"name": None}}, scope="openid email")) == {
        *ALWAYS,
        "name",
        "email",
        "email_verified",
    }


def test_the_id_token_tells_what_was_asked_for_in_it_and_userinfo_does_not(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    body = _asked(person, {"id_token": {"name": None, "email": {"essential": True}}}, party)
    claims = said(body["id_token"])
    assert set(claims) == {*OF_THE_ID_TOKEN, "name", "email"}
    assert set(party.userinfo(body["access_token"]).json()) == ALWAYS


def test_a_refreshed_id_token_tells_the_same(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    body = _asked(person, {"id_token": {"name": None}}, party, scope="openid offline_access")
    again = party.refresh(body["refresh_token"]).json()
    assert said(again["id_token"])["name"] == said(body["id_token"])["name"]


def test_without_the_parameter_the_id_token_tells_nothing_personal(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    body = party.redeem(person.code(party, scope="openid profile email phone address accounts")).json()
    assert set(said(body["id_token"])) == OF_THE_ID_TOKEN


def test_claims_of_the_sign_in_are_there_whether_asked_for_or_not(world: World) -> None:
    person = shared(world, __name__)
    names = dict.fromkeys(("sub", "acr", "amr", "auth_time", "sid", "iss", "aud", "exp", "nonce", "at_hash"))
    claims = said(_asked(person, {"id_token": names})["id_token"])
    assert set(claims) == OF_THE_ID_TOKEN
    assert claims["iss"] == person.syndic.issuer
    assert claims["aud"] == person.syndic.client_id


def test_what_the_owner_did_not_release_is_never_told_however_it_is_asked_for(world: World) -> None:
    person = owner(world)
    _describe(person, set())
    everything = {name: {"essential": True} for name in CENTRAL}
    told = _told(person, {"userinfo": everything, "id_token": everything})
    assert told["name"] == person.syndic.accounts[0].holder, "the syndic's own record, not the central name"
    assert set(told) == {*ALWAYS, "name"}
    claims = said(_asked(person, {"id_token": everything})["id_token"])
    assert set(claims) == {*OF_THE_ID_TOKEN, "name"}
    assert "Centrale" not in json.dumps([told, claims])


def test_what_was_released_to_this_syndic_is_told_to_it_and_to_no_other(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    person = owner(world, home)
    associate(world, partner, partner.accounts[0], person.email)
    _describe(person, {"birthdate", "phone_number", "address", "email"})
    wanted = {"userinfo": dict.fromkeys([*CENTRAL, "email", "email_verified"])}
    told = _told(person, wanted)
    assert told["birthdate"] == CENTRAL["birthdate"]
    assert told["address"] == CENTRAL["address"]
    assert (told["email"], told["email_verified"]) == (person.email, True)
    assert "given_name" not in told
    assert "phone_number_verified" not in told, "each claim is released by itself"
    elsewhere = RelyingParty(partner)
    body = elsewhere.redeem(
        elsewhere.code(elsewhere.begin(person.browser, scope="openid", claims=json.dumps(wanted)))
    ).json()
    there = elsewhere.userinfo(body["access_token"]).json()
    assert set(there) == {*ALWAYS, "name", "email", "email_verified"}
    assert there["email"] != person.email
    assert there["email_verified"] is False, "a syndic's word on an address verifies nothing (SECURITY R5)"


def test_accounts_are_told_by_their_scope_and_by_no_claim(world: World) -> None:
    person = shared(world, __name__)
    wanted = dict.fromkeys(("account", "accounts", "person", "identity_id", "scope", "grant"))
    told = _told(person, {"userinfo": wanted, "id_token": wanted})
    assert set(told) == ALWAYS


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"userinfo": None, "id_token": None},
        {"userinfo": {}, "id_token": {}},
        {"userinfo": {"no_such_claim": None, "https://example.org/x": {"essential": True}}},
        {"userinfo": {"name#fr": None, "": None, "é": None}},
        {"userinfo": {"name": {"value": "Somebody Else", "unknown": [1, {"a": None}]}}},
        {"something_else": {"name": None}},
        {"something_else": 7, "another": "x", "third": [1]},
        {"userinfo": {"\x00": None, "a\x00b": {"value": "\x00"}}},
        {"userinfo": {"\ud800": None}},
        {"userinfo": {"name": {"value": float("inf"), "values": [float("nan"), 10**400]}}},
        {"id_token": {"\x00": None, "\ud800": None, "name": {"values": ["\x00"]}}},
        {"userinfo": {"name": {"value": [[[[[[[[[[["deep"]]]]]]]]]]]}}},
    ],
    ids=lambda claims: ascii(claims)[:50],
)
def test_what_is_not_understood_is_ignored_and_never_a_failure(world: World, claims: dict[str, Any]) -> None:
    told = _told(shared(world, __name__), claims)
    assert set(told) <= {*ALWAYS, "name"}


@pytest.mark.parametrize(
    "claims",
    ["{", "7", '"x"', "[]", "null ,", '{"userinfo": 7}', '{"userinfo": []}', '{"userinfo": {"name": true}}',
     '{"id_token": {"acr": {"values": "password"}}}', "[" * 4000, '{"userinfo":' * 500, "{" + " " * 8200 + "}"],
    ids=lambda claims: claims[:30],
)  # fmt: skip
def test_what_is_no_claims_request_goes_back_as_an_error(world: World, claims: str) -> None:
    person = shared(world, __name__)
    party = person.party()
    page = party.begin(person.browser, claims=claims)
    assert isinstance(page, Arrived), page.text[:200]
    assert (page.query["error"], page.query["state"]) == ("invalid_request", party.state)


def test_deep_nesting_at_any_depth_is_answered(world: World) -> None:
    person = shared(world, __name__)
    for depth in (50, 200, 400, 700, 900, 950, 980, 1000, 2000):
        claims = '{"userinfo":{"name":{"value":' + "[" * depth + "]" * depth + "}}}"
        answer = person.browser.get(person.party().address(claims=claims))
        assert isinstance(answer, Arrived), f"depth {depth}: {answer.status}"


def test_an_essential_acr_that_is_met_is_told(world: World) -> None:
    person = shared(world, __name__)
    for asked in ({"values": ["password", "mfa"]}, {"value": "password"}, {}):
        body = _asked(person, {"id_token": {"acr": {"essential": True, **asked}}})
        assert said(body["id_token"])["acr"] == "password"


def test_an_essential_acr_that_is_not_met_silently_is_an_error(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["mfa"]}}})
    page = party.begin(person.browser, prompt="none", claims=claims)
    assert isinstance(page, Arrived)
    assert page.query["error"] == "unmet_authentication_requirements"
    assert (page.query["state"], page.query["iss"]) == (party.state, person.syndic.issuer)


def test_an_essential_acr_makes_the_person_sign_in_more_strongly_or_says_that_it_cannot(world: World) -> None:
    person = shared(world, __name__)
    account, browser = person.syndic.accounts[1], Browser()
    legacy_sign_in(browser, person.syndic, account)
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["password"]}}})
    party = person.party()
    page = party.begin(browser, claims=claims)
    assert page.heading == LOGIN, "the legacy sign-in is not enough"
    assert party.complete(sign_in(page, person.email, PASSWORD)).id_claims["acr"] == "password"
    weak = person.party()
    page = sign_in(weak.begin(Browser(), claims=claims), account.identifier, account.password)
    query = getattr(page, "query", {})
    assert "code" not in query, "an essential acr that is not met gives no code (OIDC Core section 5.5.1.1)"


def test_a_wished_acr_that_is_not_met_is_no_error(world: World) -> None:
    person = shared(world, __name__)
    for claims in ({"acr": {"values": ["mfa"]}}, {"acr": {"essential": False, "value": "mfa"}}, {"acr": None}):
        assert said(_asked(person, {"id_token": claims})["id_token"])["acr"] == "password"


def test_a_requested_subject_is_answered_with_that_subject_or_not_at_all(world: World) -> None:
    person = shared(world, __name__)
    own = said(person.tokens(person.party())["id_token"])["sub"]
    body = _asked(person, {"id_token": {"sub": {"value": own}}}, prompt="none")
    assert said(body["id_token"])["sub"] == own
    for value in ("somebody-else", 7, ["x"], {"a": 1}, "", True):
        party = person.party()
        claims = json.dumps({"id_token": {"sub": {"value": value}}})
        page = party.begin(person.browser, claims=claims, prompt="none")
        assert isinstance(page, Arrived)
        assert page.query["error"] == "login_required", value
        assert party.begin(person.browser, claims=claims).heading == LOGIN


def test_the_parameter_may_be_pushed(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    page = person.browser.get(party.pushed(scope="openid", claims=json.dumps({"userinfo": {"name": None}})))
    body = party.redeem(party.code(page)).json()
    assert set(party.userinfo(body["access_token"]).json()) == {*ALWAYS, "name"}
