"""Demonstrating proof of possession (RFC 9449): at the token endpoint and at userinfo, with the server's nonce."""

import base64
import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from config import clock
from tests.broker.oidc.owners import shared
from tests.broker.oidc.proofs import Prover, bound, is_refused
from tests.client_key import ClientKey
from tests.relying_party import RelyingParty
from tests.world import World


def test_without_the_servers_nonce_nothing_is_used_up_and_the_retry_succeeds(world: World) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party())
    code = person.code(prover.party)
    for nonce in (None, "made-up", "é", 7, ""):
        refused = prover.party.redeem(code, prover.proof(nonce=nonce))
        assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce"), refused.text
    retried = prover.party.redeem(code, prover.proof(nonce=refused.headers["dpop-nonce"]))
    assert retried.status_code == 200, retried.text
    token = retried.json()["access_token"]
    refused = prover.userinfo(token, nonce=None)
    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    assert challenge.startswith("DPoP"), challenge
    assert 'error="use_dpop_nonce"' in challenge
    assert 'algs="' in challenge
    assert prover.userinfo(token, nonce=refused.headers["dpop-nonce"]).status_code == 200


def test_a_nonce_grows_old(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    world.later(minutes=4)
    assert prover.probe(prover.proof()).json()["error"] == "invalid_grant", "it still serves"
    world.later(minutes=16)
    assert prover.probe(prover.proof()).json()["error"] == "use_dpop_nonce"


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET"},
        {"method": "post"},
        {"htm": None},
        {"htm": ["POST"]},
        {"htu": None},
        {"htu": 7},
        {"address": "https://elsewhere.example/token"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "\ud800"},
        {"iat": None},
        {"iat": "now"},
        {"iat": 0},
        {"iat": 10**400},
        {"iat": -(10**400)},
        {"iat": float("nan")},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"header": {"jwk": None}},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_proof_that_does_not_hold_is_refused_and_never_a_failure(world: World, changes: dict[str, Any]) -> None:
    prover = Prover(shared(world, __name__).party())
    is_refused(prover.probe(prover.proof(**changes)), str(changes)[:60])


def test_a_proof_of_another_time_is_refused(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    now = int(clock.now().timestamp())
    for far in (-3600, 3600, -1200, 1200):
        is_refused(prover.probe(prover.proof(iat=now + far)), f"{far} s")


def test_the_address_counts_without_query_and_whatever_the_case_of_its_host(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    endpoint = prover.token_endpoint
    scheme, rest = endpoint.split("//")
    for address in (f"{endpoint}?x=1", f"{endpoint}#x", f"{scheme.upper()}//{rest}"):
        assert prover.probe(prover.proof(address=address)).json()["error"] == "invalid_grant", address
    other = RelyingParty(world.syndic(accounts=0)).metadata["token_endpoint"]
    for address in (
        f"{endpoint}/",
        endpoint.upper(),
        other,
        prover.userinfo_endpoint,
        endpoint.replace("http", "https"),
    ):
        is_refused(prover.probe(prover.proof(address=address)), address)


def test_a_proof_is_shown_once_also_when_it_is_shown_many_times_at_once(world: World) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party())
    token, headers = bound(person, prover)["access_token"], prover.proof()
    assert prover.probe(headers).json()["error"] == "invalid_grant"
    is_refused(prover.probe(headers), "shown again")
    shown = {"Authorization": f"DPoP {token}"}
    shown |= prover.proof(method="GET", address=prover.userinfo_endpoint, token=token)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: prover.party.http.get(prover.userinfo_endpoint, headers=shown), range(10)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 1, statuses
    assert statuses.count(401) == 9, statuses


def _by_hand(header: dict[str, Any], claims: dict[str, Any], key: ClientKey) -> str:
    """A proof with any header, signed over exactly that header."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims)]
    genuine = key.sign({"alg": key.alg}, {"x": "y"})
    return ".".join([*parts, genuine.split(".")[2]])


def test_only_a_public_key_is_a_key(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    key = prover.key
    private = key.key.as_dict(private=True)
    symmetric = OctKey.generate_key(256).as_dict(private=True)
    rsa = {"kty": "RSA", "n": 7, "e": "AQAB"}
    junk: list[Any] = [private, symmetric, {}, [], "x", 7, None, {"kty": "EC"}, {"kty": ["EC"]}, rsa]
    for jwk in junk:
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        is_refused(prover.probe({"DPoP": _by_hand(header, {"htm": "POST"}, key)}), str(jwk)[:60])
    is_refused(prover.probe(prover.proof(header={"jwk": private})), "RFC 9449 section 4.2: no private key")
    is_refused(prover.probe(prover.proof(header={"jwk": ClientKey().key.as_dict(private=False)})), "another's key")
    other = ECKey.generate_key("P-384").as_dict(private=False)
    is_refused(prover.probe(prover.proof(header={"jwk": other})), "another curve")


def test_a_key_that_anybody_might_factor_is_none(world: World) -> None:
    weak = ClientKey("RS256")
    with warnings.catch_warnings(action="ignore"):
        weak.key = RSAKey.generate_key(1024)
        party = shared(world, __name__).party()
        answer = party.redeem("x", {"DPoP": weak.proof("POST", party.metadata["token_endpoint"])})
    assert answer.json()["error"] == "invalid_dpop_proof", "RFC 7518 section 3.3: 2048 bits at least"


def test_an_unsigned_and_a_symmetric_proof_are_none(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    genuine = prover.proof()["DPoP"]
    claims = genuine.split(".")[1]
    for alg in ("none", "HS256", "ES384", "", 7, None):
        header = {"typ": "dpop+jwt", "alg": alg, "jwk": prover.key.key.as_dict(private=False)}
        text = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
        for signature in ("", genuine.split(".")[2]):
            is_refused(prover.probe({"DPoP": f"{text}.{claims}.{signature}"}), f"alg {alg}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.e30", "." * 50, "é.é.é", "A" * 5000, "bnVsbA.bnVsbA.x"])
def test_no_header_makes_the_endpoints_fail(world: World, text: str) -> None:
    person = shared(world, __name__)
    prover = Prover(person.party())
    raw = [(b"DPoP", text.encode("latin-1"))]
    login = (person.syndic.client_id, person.syndic.client_secret)
    values = {"grant_type": "authorization_code", "code": "x"}
    answer = prover.party.http.post(prover.token_endpoint, data=values, headers=raw, auth=login)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_dpop_proof"


def test_two_proofs_are_none(world: World) -> None:
    prover = Prover(shared(world, __name__).party())
    one, two = prover.proof()["DPoP"], prover.proof()["DPoP"]
    login = (prover.party.syndic.client_id, prover.party.syndic.client_secret)
    values = {"grant_type": "authorization_code", "code": "x"}
    headers = [("DPoP", one), ("DPoP", two)]
    is_refused(prover.party.http.post(prover.token_endpoint, data=values, headers=headers, auth=login), "two headers")
