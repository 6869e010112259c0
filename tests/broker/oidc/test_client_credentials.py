"""`client_credentials`: a client acts for itself, and reaches nothing of any person's; and who may use which grant."""

import pytest

from tests.broker.oidc.owners import owner, said
from tests.relying_party import RelyingParty
from tests.world import World

OWN = {"grant_types": ["client_credentials"]}
ASK = {"grant_type": "client_credentials"}


def _acting(world: World) -> RelyingParty:
    return RelyingParty(world.client(world.syndic(accounts=0), **OWN))


def test_a_clients_own_token_opens_nothing_of_a_person(world: World) -> None:
    party = _acting(world)
    answer = party.ask("token_endpoint", ASK)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}, "no refresh token (RFC 6749 section 4.4.3)"
    refused = party.userinfo(body["access_token"])
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    claims = said(body["access_token"])
    assert claims["sub"] == claims["client_id"] == party.syndic.client_id, "RFC 9068 section 2.2"


@pytest.mark.parametrize("scope", ["openid", "openid profile offline_access", "admin", "é"])
def test_no_scope_that_it_asks_for_changes_that(world: World, scope: str) -> None:
    party = _acting(world)
    answer = party.ask("token_endpoint", {**ASK, "scope": scope})
    if answer.status_code == 200:
        assert not answer.json().get("scope")
        assert "refresh_token" not in answer.json()
        assert party.userinfo(answer.json()["access_token"]).status_code == 403
    else:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_it_introspects_active_until_it_is_revoked_or_expires(world: World) -> None:
    party = _acting(world)
    one, two = (party.ask("token_endpoint", ASK).json()["access_token"] for _ in range(2))
    told = party.introspect(one)
    assert (told["active"], told["client_id"], told["sub"]) == (True, party.syndic.client_id, party.syndic.client_id)
    neighbour = RelyingParty(world.client(party.syndic, **OWN))
    assert neighbour.revoke(one).status_code in {200, 400}
    assert party.introspect(one)["active"] is True, "nobody else ends it"
    assert party.revoke(one).status_code == 200
    assert party.introspect(one) == {"active": False}
    assert party.introspect(two)["active"] is True, "each is its own"
    assert party.revoke(one).status_code == 200
    world.later(seconds=301)
    assert party.introspect(two) == {"active": False}


def test_it_is_worth_nothing_at_another_issuer(world: World) -> None:
    party, other = _acting(world), _acting(world)
    token = party.ask("token_endpoint", ASK).json()["access_token"]
    assert other.introspect(token) == {"active": False}
    assert other.userinfo(token).status_code == 401


def test_a_suspended_clients_own_token_is_worth_nothing(world: World) -> None:
    party = _acting(world)
    watcher = RelyingParty(world.client(party.syndic, **OWN))
    token = party.ask("token_endpoint", ASK).json()["access_token"]
    assert watcher.introspect(token)["active"] is True
    world.change_client(party.syndic, status="suspended")
    assert watcher.introspect(token) == {"active": False}
    assert party.ask("token_endpoint", ASK).json()["error"] == "invalid_client"


def test_each_client_has_its_registered_grants_and_no_other(world: World) -> None:
    person = owner(world)
    kinds = {
        "code": ["authorization_code"],
        "own": ["client_credentials"],
        "both": ["authorization_code", "refresh_token"],
    }
    used = {}
    for name, grants in kinds.items():
        party = person.party(world.client(person.syndic, grant_types=grants))
        asks = {
            "authorization_code": party.redeem("x"),
            "refresh_token": party.refresh("x"),
            "client_credentials": party.ask("token_endpoint", ASK),
        }
        refused = {grant for grant, answer in asks.items() if answer.json().get("error") == "unauthorized_client"}
        assert all(asks[grant].status_code == 400 for grant in refused)
        used[name] = sorted(asks.keys() - refused)
    assert used == {name: sorted(grants) for name, grants in kinds.items()}


def test_a_client_without_the_code_grant_cannot_send_people_here(world: World) -> None:
    person = owner(world)
    party = person.party(world.client(person.syndic, **OWN))
    page = party.begin(person.browser)
    query = getattr(page, "query", {})
    assert "code" not in query, "a code that it may not redeem is none of its business"
    assert query.get("error") == "unauthorized_client" or page.status == 400
    assert party.push().status_code == 400


@pytest.mark.parametrize(
    "grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "x" * 999, '"é']
)
def test_any_other_grant_is_refused(world: World, grant: str) -> None:
    answer = RelyingParty(world.syndic(accounts=0)).ask("token_endpoint", {"grant_type": grant})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
