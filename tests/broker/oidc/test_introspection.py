"""Introspection (RFC 7662): what a token is worth now, to clients of its issuer only."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from broker.identities.models import Identity
from config.database import transaction
from tests.broker.oidc.owners import OFFLINE, Owner, owner, said
from tests.browser import Browser
from tests.journeys.steps import legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World

DEAD = {"active": False}


def test_an_access_token_is_told_with_what_it_allows_and_until_when(world: World) -> None:
    person = owner(world)
    party = person.party()
    body = person.tokens(party)
    told, claims = party.introspect(body["access_token"]), said(body["access_token"])
    expected = {
        "active": True,
        "client_id": person.syndic.client_id,
        "token_type": "Bearer",
        "iss": person.syndic.issuer,
        "aud": person.syndic.issuer,
        "sub": said(body["id_token"])["sub"],
        **{name: claims[name] for name in ("iat", "exp", "jti")},
    }
    assert {name: told[name] for name in expected} == expected
    assert set(told["scope"].split()) == set(OFFLINE.split())
    assert set(told) == {*expected, "scope"}, "nothing of the person, and nothing of ours"


def test_a_refresh_token_is_told_to_its_own_client_until_it_is_used(world: World) -> None:
    person = owner(world)
    party = person.party()
    token = person.tokens(party)["refresh_token"]
    told = party.introspect(token, token_type_hint="refresh_token")
    assert told["active"] is True
    assert told["client_id"] == person.syndic.client_id
    assert told["scope"] == OFFLINE
    assert person.party(world.client(person.syndic)).introspect(token) == DEAD, "another client's is its own business"
    following = party.refresh(token).json()["refresh_token"]
    assert party.introspect(token) == DEAD, "used"
    assert party.introspect(following)["active"] is True


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "saml2_token", "", "é", "x" * 500])
def test_a_wrong_or_unknown_hint_changes_nothing(world: World, hint: str) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    token = party.redeem(party.code(page)).json()["access_token"]
    assert party.introspect(token, token_type_hint=hint)["active"] is True, "RFC 7662 section 2.1"


def test_any_client_of_the_issuer_may_ask_and_none_of_another(world: World) -> None:
    person = owner(world)
    body = person.tokens(person.party())
    assert person.party(world.client(person.syndic)).introspect(body["access_token"])["active"] is True
    stranger = RelyingParty(world.syndic(accounts=0))
    for token in (body["access_token"], body["refresh_token"], body["id_token"]):
        assert stranger.introspect(token) == DEAD


def _logout(person: Owner, body: dict[str, Any]) -> None:
    address = person.party().metadata["end_session_endpoint"]
    person.browser.get(address, params={"id_token_hint": body["id_token"]})


def _expire(person: Owner, _body: dict[str, Any]) -> None:
    person.world.later(seconds=301)


def _disconnect_everywhere(person: Owner, _body: dict[str, Any]) -> None:
    with person.world.application.app_context(), transaction() as work:
        work.query(Identity).filter_by(email=person.email).one().epoch += 1


def _revoke(person: Owner, body: dict[str, Any]) -> None:
    assert person.party().revoke(body["access_token"]).status_code == 200


@pytest.mark.parametrize("end", [_logout, _disconnect_everywhere, _revoke])
def test_whatever_ends_the_sign_in_ends_its_tokens_at_once(
    world: World, end: Callable[[Owner, dict[str, Any]], None]
) -> None:
    person = owner(world)
    party = person.party()
    body = person.tokens(party)
    end(person, body)
    assert party.introspect(body["access_token"]) == DEAD
    assert party.introspect(body["refresh_token"]) == DEAD
    assert party.userinfo(body["access_token"]).status_code == 401


def test_an_expired_access_token_is_worth_nothing_while_its_refresh_token_lives(world: World) -> None:
    person = owner(world)
    party = person.party()
    body = person.tokens(party)
    _expire(person, body)
    assert party.introspect(body["access_token"]) == DEAD
    assert party.introspect(body["refresh_token"])["active"] is True


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "." * 40, "A" * 20_000, "e30.e30.e30", "\u202e"])
def test_garbage_is_worth_nothing_and_no_failure(world: World, token: str) -> None:
    assert RelyingParty(world.syndic(accounts=0)).introspect(token) == DEAD


def test_a_changed_token_is_worth_nothing(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    body = party.redeem(party.code(page)).json()
    header, _, signature = body["access_token"].split(".")
    claims, scopes = said(body["access_token"]), "openid profile email phone address accounts offline_access"
    for change in (
        {"scope": scopes},
        {"exp": claims["exp"] + 9999},
        {"sub": "x"},
        {"grant": "0" * 32},
        {"jti": "x"},
        {"more": 1},
    ):
        changed = f"{header}.{_encoded({**claims, **change})}"
        assert party.introspect(f"{changed}.{signature}") == DEAD, change
        assert party.userinfo(f"{changed}.{signature}").status_code == 401, change
    unsigned = _encoded({"alg": "none", "typ": "at+jwt"})
    assert party.introspect(f"{unsigned}.{body['access_token'].split('.')[1]}.") == DEAD
    assert party.introspect(body["id_token"]) == DEAD, "an ID token is no access token (RFC 9068 section 4)"


def _encoded(part: dict[str, Any]) -> str:
    text = json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_who_is_no_client_learns_nothing_and_a_token_must_be_given(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    token = party.redeem(party.code(page)).json()["access_token"]
    address = party.metadata["introspection_endpoint"]
    for options in ({}, {"auth": (syndic.client_id, "wrong")}, {"headers": {"Authorization": f"Bearer {token}"}}):
        refused = httpx2.post(address, data={"token": token}, **options)
        assert refused.status_code in {400, 401}
        assert refused.json()["error"] == "invalid_client"
        assert "active" not in refused.json()
    missing = party.ask("introspection_endpoint", {"token_type_hint": "access_token"})
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    assert httpx2.get(address).status_code == 405
