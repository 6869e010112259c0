"""Assertions of clients (RFC 7523 §3): who signed, for whom, once, and for how long."""

import hmac
import json
import secrets
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from config import clock
from tests.broker.oidc.assertions import encoded, is_refused, own_token, reheaded, shown, signing
from tests.client_key import ClientKey
from tests.relying_party import RelyingParty
from tests.world import World


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256", "RS256"])
def test_a_client_may_sign_with_each_advertised_algorithm(world: World, alg: str) -> None:
    party = signing(world, ClientKey(alg))
    assert alg in party.metadata["token_endpoint_auth_signing_alg_values_supported"]
    assert own_token(party).status_code == 200


def test_an_assertion_opens_every_endpoint_that_a_client_authenticates_at(world: World) -> None:
    party = signing(world, ClientKey())
    token = own_token(party).json()["access_token"]
    assert party.push().status_code == 201
    assert party.introspect(token)["active"] is True
    assert party.revoke(token).status_code == 200
    assert party.introspect(token)["active"] is False


def test_the_clients_own_public_key_is_no_secret_for_hs256_and_nothing_goes_unsigned(world: World) -> None:
    key = ClientKey("RS256")
    party = signing(world, key)
    client, issuer = party.syndic.client_id, party.syndic.issuer
    genuine = key.assertion(client, issuer)
    for public in (key.key.as_pem(private=False), key.key.as_der(private=False), json.dumps(key.public).encode()):
        text = reheaded(genuine, {"alg": "HS256", "kid": key.kid}).rpartition(".")[0]
        mac = hmac.digest(public, text.encode(), "sha256")
        is_refused(shown(party, f"{text}.{encoded(mac)}"), "HS256 over the public key")
    unsigned = genuine.rpartition(".")[0] + "."
    is_refused(shown(party, unsigned), "without its signature")
    is_refused(shown(party, reheaded(unsigned, {"alg": "none", "kid": key.kid})), "unsigned")
    is_refused(shown(party, ClientKey("RS256", key.kid).assertion(client, issuer)), "another key under this kid")


def test_the_assertion_must_be_meant_for_this_issuer(world: World) -> None:
    key = ClientKey()
    party, other = signing(world, key), RelyingParty(world.syndic(accounts=0))
    client, issuer = party.syndic.client_id, party.syndic.issuer
    endpoints = [party.metadata[name] for name in ("token_endpoint", "pushed_authorization_request_endpoint")]
    for audience in (issuer, [issuer], *endpoints, ["https://elsewhere.example", issuer]):
        assert shown(party, key.assertion(client, audience)).status_code == 200, audience
    foreign: tuple[object, ...] = (other.syndic.issuer, other.metadata["token_endpoint"], party.metadata["jwks_uri"])
    for audience in (*foreign, f"{issuer}/", world.base, [], "", None, 7, {"iss": issuer}, [[issuer]]):
        is_refused(shown(party, key.assertion(client, audience)), f"aud={audience}")


def test_an_assertion_is_worth_nothing_at_another_syndics_endpoints(world: World) -> None:
    key = ClientKey()
    party, other = signing(world, key), RelyingParty(world.syndic(accounts=0))
    for audience in (party.syndic.issuer, other.syndic.issuer):
        is_refused(shown(other, key.assertion(party.syndic.client_id, audience)), "no client of this syndic")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"sub": None},
        {"sub": "somebody", "iss": "somebody"},
        {"sub": ["a"]},
        {"sub": {}},
        {"jti": None},
        {"jti": 7},
        {"jti": "\ud800"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**400},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": -1},
        {"iat": "now"},
        {"nbf": 10**12},
    ],
    ids=lambda claims: str(claims)[:30],
)
def test_claims_that_do_not_hold_are_refused_and_never_a_failure(world: World, claims: dict[str, Any]) -> None:
    key = ClientKey()
    party = signing(world, key)
    is_refused(shown(party, key.assertion(party.syndic.client_id, party.syndic.issuer, **claims)), str(claims))
    assert own_token(party).status_code == 200


def test_an_assertion_lives_for_an_hour_at_most_and_not_after_its_end(world: World) -> None:
    key = ClientKey()
    party, now = signing(world, key), int(clock.now().timestamp())
    client, issuer = party.syndic.client_id, party.syndic.issuer
    assert shown(party, key.assertion(client, issuer, exp=now - 10)).status_code == 200, "clocks differ a little"
    is_refused(shown(party, key.assertion(client, issuer, exp=now - 300)), "five minutes past")
    assert shown(party, key.assertion(client, issuer, exp=now + 3000)).status_code == 200
    is_refused(shown(party, key.assertion(client, issuer, exp=now + 4000)), "more than an hour ahead")
    is_refused(shown(party, key.assertion(client, issuer, iat=now + 600)), "made in the future")
    is_refused(shown(party, key.assertion(client, issuer, nbf=now + 600)), "not valid yet")
    late = key.assertion(client, issuer, exp=now + 60)
    world.later(minutes=5)
    is_refused(shown(party, late), "the broker's clock decides")


def test_an_assertion_works_once_also_when_it_is_shown_many_times_at_once(world: World) -> None:
    key = ClientKey()
    party = signing(world, key)
    assertion = key.assertion(party.syndic.client_id, party.syndic.issuer)
    with ThreadPoolExecutor(10) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: shown(party, assertion), range(10))]
    assert statuses.count(200) == 1, statuses
    assert all(status in {200, 400, 401} for status in statuses), statuses
    is_refused(shown(party, assertion), "shown again")
    world.later(minutes=3)
    is_refused(shown(party, assertion), "shown again once it has expired")


def test_two_clients_may_use_the_same_jti(world: World) -> None:
    keys, jti = [ClientKey(), ClientKey()], secrets.token_hex(8)
    for key in keys:
        party = signing(world, key)
        assertion = key.assertion(party.syndic.client_id, party.syndic.issuer, jti=jti)
        assert shown(party, assertion).status_code == 200


JUNK: list[Any] = ["x", ".", "..", "e30.e30.", "é.é.é", "a" * 50_000, "W10.W10.W10", "bnVsbA.bnVsbA.x", "." * 300]


@pytest.mark.parametrize("assertion", JUNK)
def test_no_assertion_makes_the_token_endpoint_fail(world: World, assertion: str) -> None:
    is_refused(shown(signing(world, ClientKey()), assertion), assertion[:20])


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "unknown"},
        {"kid": 7},
        {"kid": ["a"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"alg": "ES512"},
        {"alg": 7},
        {"jku": "http://127.0.0.1:9/jwks"},
    ],
    ids=str,
)
def test_a_header_that_leads_elsewhere_leads_nowhere(world: World, header: dict[str, Any]) -> None:
    key = ClientKey()
    party = signing(world, key)
    genuine = key.assertion(party.syndic.client_id, party.syndic.issuer)
    twisted = reheaded(genuine, {"alg": "ES256", "kid": key.kid, **header})
    is_refused(shown(party, twisted), str(header))


def test_a_key_that_anybody_might_factor_is_none(world: World) -> None:
    key = ClientKey("RS256")
    with warnings.catch_warnings(action="ignore"):
        key.key = RSAKey.generate_key(1024)
        party = signing(world, key)
        is_refused(own_token(party), "RFC 7518 section 3.3: 2048 bits at least")


def test_without_a_kid_the_only_key_is_meant_and_among_several_none(world: World) -> None:
    one, two = ClientKey(), ClientKey()
    single, several = signing(world, one), signing(world, one, jwks={"keys": [one.public, two.public]})
    bare = {"kid": None}
    assert shown(single, one.assertion(single.syndic.client_id, single.syndic.issuer, header=bare)).status_code == 200
    refused = shown(several, one.assertion(several.syndic.client_id, several.syndic.issuer, header=bare))
    is_refused(refused, "which of two keys?")
    for key in (one, two):
        several.key = key
        assert own_token(several).status_code == 200, "each of its keys is the client's"
