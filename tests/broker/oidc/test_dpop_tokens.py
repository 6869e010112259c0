"""Tokens bound to a key (RFC 9449): what they open with its proof, and that they open nothing without it."""

import pytest

from tests.broker.oidc.owners import OFFLINE, shared
from tests.broker.oidc.proofs import Prover, bound
from tests.browser import Browser
from tests.client_key import ClientKey
from tests.journeys.steps import legacy_sign_in
from tests.world import World


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256", "RS256"])
def test_a_token_is_bound_to_the_key_that_was_proved(world: World, alg: str) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party(), ClientKey(alg))
    assert alg in prover.party.metadata["dpop_signing_alg_values_supported"]
    body = bound(person, prover)
    assert prover.userinfo(body["access_token"]).status_code == 200
    told = prover.party.introspect(body["access_token"])
    assert told["token_type"] == "DPoP"
    assert told["cnf"] == {"jkt": prover.key.thumbprint}


def test_a_bound_token_opens_nothing_without_the_proof_of_its_own_key(world: World) -> None:
    person = shared(world, __name__)
    prover, thief = Prover(person.party()), Prover(person.party())
    token = bound(person, prover)["access_token"]
    address = prover.userinfo_endpoint
    plain = prover.party.http.get(address, headers={"Authorization": f"Bearer {token}"})
    assert plain.status_code == 401, "RFC 9449 section 7.1: never as a bearer token"
    assert prover.userinfo(token, scheme="Bearer").status_code == 401, "not even with its proof"
    assert prover.party.http.post(address, data={"access_token": token}).status_code == 401, "nor in a form"
    assert prover.party.http.get(address, headers={"Authorization": f"DPoP {token}"}).status_code == 401, (
        "without proof"
    )
    assert thief.userinfo(token).status_code == 401, "another's key"
    other = bound(person, prover)["access_token"]
    assert prover.userinfo(token, token=other).status_code == 401, "ath of another token"
    assert prover.userinfo(token, ath=None).status_code == 401, "no ath"
    assert prover.userinfo(token, method="POST").status_code == 401
    assert prover.userinfo(token, address=prover.token_endpoint).status_code == 401
    assert prover.userinfo(token).status_code == 200


def test_a_bearer_token_is_none_of_the_scheme_dpop(world: World) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party())
    token = person.tokens(prover.party)["access_token"]
    assert prover.userinfo(token).status_code == 401
    assert prover.party.userinfo(token).status_code == 200


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "dPoP"])
def test_the_schemes_name_may_be_written_in_any_case(world: World, scheme: str) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party())
    assert prover.userinfo(bound(person, prover)["access_token"], scheme=scheme).status_code == 200
    bearer = person.tokens(prover.party)["access_token"]
    shouted = prover.party.http.get(prover.userinfo_endpoint, headers={"Authorization": f"BEARER {bearer}"})
    assert shouted.status_code == 200


def test_a_client_that_owes_proofs_gets_no_token_without_one(world: World) -> None:
    person = shared(world, __name__)
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    client = world.client(person.syndic, dpop_bound_access_tokens=True, grant_types=grants)
    prover = Prover(person.party(client))
    code = person.code(prover.party, scope=OFFLINE)
    refused = prover.party.redeem(code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request"), refused.text
    body = prover.party.redeem(code, prover.proof()).json()
    assert body["token_type"] == "DPoP", "the refusal has not used the code up"
    refused = prover.party.refresh(body["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request"), refused.text
    refreshed = prover.party.refresh(body["refresh_token"], prover.proof())
    assert refreshed.json()["token_type"] == "DPoP", refreshed.text
    own = {"grant_type": "client_credentials"}
    assert prover.party.ask("token_endpoint", own).status_code == 400
    assert prover.party.ask("token_endpoint", own, prover.proof()).json()["token_type"] == "DPoP"


def test_a_refreshed_token_is_bound_to_the_key_proved_with_the_refresh(world: World) -> None:
    person = shared(world, __name__)
    prover, new = Prover(person.party()), ClientKey()
    body = bound(person, prover)
    refreshed = prover.party.refresh(body["refresh_token"], prover.proof()).json()
    assert prover.userinfo(refreshed["access_token"]).status_code == 200
    old, prover.key = prover.key, new
    moved = prover.party.refresh(refreshed["refresh_token"], prover.proof()).json()
    assert prover.userinfo(moved["access_token"]).status_code == 200, (
        "RFC 9449 section 5: a confidential client's is free"
    )
    prover.key = old
    assert prover.userinfo(moved["access_token"]).status_code == 401


def test_a_legacy_sign_in_may_be_bound_too(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    prover = Prover(party)
    body = party.redeem(party.code(page), prover.proof()).json()
    assert prover.userinfo(body["access_token"]).json()["account"]["identifier"] == syndic.accounts[0].identifier
