"""Refresh tokens: rotated, answered again for ten seconds, and dead as a family once a copy is used (RFC 9700)."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.broker.oidc.families import GRACE_S, family, given, is_refused
from tests.broker.oidc.owners import OFFLINE, said, shared
from tests.relying_party import RelyingParty
from tests.world import World


def test_each_use_gives_new_tokens_and_the_sign_in_stays_the_same(world: World) -> None:
    _, party, first = family(world)
    world.later(seconds=30)
    second = given(party.refresh(first["refresh_token"]))
    third = given(party.refresh(second["refresh_token"]))
    assert len({body["refresh_token"] for body in (first, second, third)}) == 3, "rotation"
    assert {body["token_type"] for body in (second, third)} == {"Bearer"}
    before, after = said(first["id_token"]), said(third["id_token"])
    for claim in ("iss", "aud", "sub", "sid", "auth_time", "acr", "amr"):
        assert after[claim] == before[claim], f"OIDC Core section 12.2: {claim} is that of the sign-in"
    assert after["iat"] >= before["iat"] + 30
    assert after.get("nonce") in {None, before["nonce"]}
    assert party.userinfo(third["access_token"]).json()["sub"] == before["sub"]
    assert third["scope"] == OFFLINE


def test_the_retry_of_a_lost_answer_gets_a_successor_that_works(world: World) -> None:
    _, party, first = family(world)
    given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S / 2)
    retried = given(party.refresh(first["refresh_token"]))
    world.later(hours=1)
    again = given(party.refresh(retried["refresh_token"]))
    assert party.userinfo(again["access_token"]).status_code == 200


def test_a_token_that_comes_back_later_ends_the_whole_family_at_once(world: World) -> None:
    _, party, first = family(world)
    second = given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    assert party.userinfo(second["access_token"]).status_code == 200
    is_refused(party.refresh(first["refresh_token"]), "a copy")
    for body in (first, second):
        assert party.userinfo(body["access_token"]).status_code == 401, "its access tokens die with it, at once"
    is_refused(party.refresh(second["refresh_token"]), "the successor")
    assert party.introspect(second["refresh_token"]) == {"active": False}


def test_an_ancestor_ends_the_family_even_within_ten_seconds(world: World) -> None:
    _, party, first = family(world)
    second = given(party.refresh(first["refresh_token"]))
    third = given(party.refresh(second["refresh_token"]))
    is_refused(party.refresh(first["refresh_token"]), "its successor has been used: no lost answer is retried")
    is_refused(party.refresh(third["refresh_token"]), "the family")


def test_of_two_successors_of_one_retry_the_one_not_used_becomes_a_copy(world: World) -> None:
    _, party, first = family(world)
    one, other = (given(party.refresh(first["refresh_token"])) for _ in range(2))
    used = given(party.refresh(one["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    is_refused(party.refresh(other["refresh_token"]), "its sibling was used")
    is_refused(party.refresh(used["refresh_token"]), "the family")


def test_twenty_refreshes_at_once_are_all_answered_and_stay_one_family(world: World) -> None:
    _, party, first = family(world)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: party.refresh(first["refresh_token"]), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20, "within the grace each gets its successor"
    bodies = [answer.json() for answer in answers]
    assert len({body["refresh_token"] for body in bodies}) == 20
    world.later(seconds=GRACE_S + 1)
    given(party.refresh(bodies[7]["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    is_refused(party.refresh(bodies[3]["refresh_token"]), "one of them was used")
    for body in bodies:
        assert party.userinfo(body["access_token"]).status_code == 401, "one family: it dies as a whole"


def test_of_twenty_thieves_at_once_after_the_grace_nobody_gets_anything(world: World) -> None:
    _, party, first = family(world)
    second = given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: party.refresh(first["refresh_token"]), range(20)))
    assert {answer.status_code for answer in answers} == {400}
    is_refused(party.refresh(second["refresh_token"]), "the family")


def test_nobody_elses_and_no_damaged_token_harms_the_family(world: World) -> None:
    person, party, first = family(world)
    token = first["refresh_token"]
    neighbour = person.party(world.client(person.syndic))
    elsewhere = RelyingParty(world.syndic(accounts=0))
    for other in (neighbour, elsewhere):
        is_refused(other.refresh(token), "another client's (this must not revoke or crash)")
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    flipped = []
    for position in range(len(raw)):
        raw[position] ^= 1 << position % 8
        flipped.append(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
        raw[position] ^= 1 << position % 8
    damaged = [token[:-4], token[4:], token + "AAAA", token[:40], "x", "é", "=" * 5, ".", "A" * len(token), "A" * 9000]
    for text in (*damaged, *flipped, first["access_token"], first["id_token"]):
        is_refused(party.refresh(text), f"not a token: {text[:20]}")
    assert given(party.refresh(token))["refresh_token"], "nothing was used up, nothing was ended"


def test_a_scope_may_be_narrowed_and_comes_back_with_the_next_use(world: World) -> None:
    _, party, first = family(world)
    narrow = given(party.refresh(first["refresh_token"], scope="openid email"))
    assert narrow["scope"] == "openid email"
    told = party.userinfo(narrow["access_token"]).json()
    assert "email" in told
    assert not {"name", "account", "accounts"} & told.keys(), "the access token has the narrow scope"
    whole = given(party.refresh(narrow["refresh_token"]))
    assert whole["scope"] == OFFLINE, "RFC 6749 section 6: the refresh token keeps the scope that was granted"
    assert "accounts" in party.userinfo(whole["access_token"]).json()


@pytest.mark.parametrize("scope", ["openid phone", "admin", "openid openid2", "openid\u00e9", 'openid "', "OPENID"])
def test_a_scope_that_was_never_granted_is_refused_and_uses_nothing_up(world: World, scope: str) -> None:
    person = shared(world, __name__)
    party = person.party()
    first = person.tokens(party)
    is_refused(party.refresh(first["refresh_token"], scope=scope), scope, "invalid_scope")
    second = given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    assert given(party.refresh(second["refresh_token"]))


def test_without_the_grant_type_there_are_no_refresh_tokens(world: World) -> None:
    person = shared(world, __name__)
    party = person.party(world.client(person.syndic, grant_types=["authorization_code"]))
    body = person.tokens(party)
    assert "refresh_token" not in body
    assert "offline_access" not in body["scope"].split()
    assert party.refresh("x").json()["error"] == "unauthorized_client"
