"""Revocation (RFC 7009): a client ends what it holds, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.broker.oidc.owners import owner
from tests.browser import Browser
from tests.journeys.steps import legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "nonsense"])
def test_the_end_of_either_token_is_the_end_of_both(world: World, which: str, hint: str) -> None:
    person = owner(world)
    party, neighbour = person.party(), person.party(world.client(person.syndic))
    body, other = person.tokens(party), person.tokens(neighbour)
    answer = party.revoke(body[which], token_type_hint=hint)
    assert answer.status_code == 200, answer.text
    assert party.userinfo(body["access_token"]).status_code == 401
    assert party.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.revoke(body[which]).status_code == 200, "twice is no error (RFC 7009 section 2.2)"
    assert neighbour.userinfo(other["access_token"]).status_code == 200, "another grant of the person stays"
    assert party.code(party.begin(person.browser)), "and so does the sign-in"


def test_a_used_refresh_token_ends_its_family_too(world: World) -> None:
    person = owner(world)
    party = person.party()
    first = person.tokens(party)
    second = party.refresh(first["refresh_token"]).json()
    assert party.revoke(first["refresh_token"]).status_code == 200
    assert party.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(second["access_token"]).status_code == 401


def test_nobody_ends_what_another_client_holds(world: World) -> None:
    person = owner(world)
    party = person.party()
    body = person.tokens(party)
    for other in (person.party(world.client(person.syndic)), RelyingParty(world.syndic(accounts=0))):
        for token in (body["access_token"], body["refresh_token"], body["id_token"]):
            assert other.revoke(token).status_code in {200, 400}
    assert party.userinfo(body["access_token"]).status_code == 200
    assert party.refresh(body["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "A" * 20_000, "e30.e30.e30"])
def test_an_unknown_token_is_no_error(world: World, token: str) -> None:
    answer = RelyingParty(world.syndic(accounts=0)).revoke(token)
    assert answer.status_code == 200, "RFC 7009 section 2.2: the client has what it wanted"


def test_who_is_no_client_ends_nothing_and_a_token_must_be_given(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    token = party.redeem(party.code(page)).json()["access_token"]
    address = party.metadata["revocation_endpoint"]
    for options in ({}, {"auth": (syndic.client_id, "wrong")}):
        refused = httpx2.post(address, data={"token": token}, **options)  # type: ignore[arg-type]  # the options are a dictionary
        assert refused.status_code in {400, 401}
        assert refused.json()["error"] == "invalid_client"
    assert party.ask("revocation_endpoint", {}).json()["error"] == "invalid_request"
    assert httpx2.get(address, params={"token": token}).status_code == 405
    assert party.userinfo(token).status_code == 200


def test_a_revocation_in_the_middle_of_refreshes_leaves_nothing_alive(world: World) -> None:
    person = owner(world)
    party = person.party()
    token = person.tokens(party)["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        refreshes = [pool.submit(party.refresh, token) for _ in range(6)]
        revoked = pool.submit(party.revoke, token)
        refreshes += [pool.submit(party.refresh, token) for _ in range(6)]
    assert revoked.result().status_code == 200
    answers = [refresh.result() for refresh in refreshes]
    assert {answer.status_code for answer in answers} <= {200, 400}
    for body in (answer.json() for answer in answers if answer.status_code == 200):
        assert party.userinfo(body["access_token"]).status_code == 401
        assert party.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
