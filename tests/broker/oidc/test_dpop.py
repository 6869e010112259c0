"""Demonstrating proof of possession (RFC 9449): at the token endpoint and at userinfo, with the server's nonce."""

import base64
import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from config import clock
from tests.broker.oidc.owners import OFFLINE, Owner, owner
from tests.browser import Browser
from tests.client_key import ClientKey
from tests.journeys.steps import legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World

_owners: list[Owner] = []


def _shared(world: World) -> Owner:
    if not _owners:
        _owners.append(owner(world))
    _owners[0].world = world
    return _owners[0]


class Prover:
    """A client with a key, at one issuer, that has learnt the server's nonce."""

    def __init__(self, party: RelyingParty, key: ClientKey | None = None) -> None:
        self.party, self.key = party, key or ClientKey()
        self.token_endpoint = party.metadata["token_endpoint"]
        self.userinfo_endpoint = party.metadata["userinfo_endpoint"]
        asked = party.redeem("x", {"DPoP": self.key.proof("POST", self.token_endpoint)})
        assert (asked.status_code, asked.json()["error"]) == (400, "use_dpop_nonce"), asked.text
        self.nonce = asked.headers["dpop-nonce"]

    def proof(self, **changes: Any) -> dict[str, str]:
        """The header of a token request."""
        method, address = changes.pop("method", "POST"), changes.pop("address", self.token_endpoint)
        return {"DPoP": self.key.proof(method, address, **{"nonce": self.nonce, **changes})}

    def userinfo(self, shown_token: str, scheme: str = "DPoP", **changes: Any) -> httpx2.Response:
        """Show a token with a proof of its key."""
        shown = {"method": "GET", "address": self.userinfo_endpoint, "token": shown_token, **changes}
        headers = {"Authorization": f"{scheme} {shown_token}", **self.proof(**shown)}
        return self.party.http.get(self.userinfo_endpoint, headers=headers)

    def probe(self, headers: dict[str, str]) -> httpx2.Response:
        """A token request that fails for nothing but its proof, or else for its unknown code."""
        return self.party.redeem("x", headers)


def _bound(person: Owner, prover: Prover) -> dict[str, Any]:
    code = person.code(prover.party, scope=OFFLINE)
    answer = prover.party.redeem(code, prover.proof())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["token_type"] == "DPoP"
    return body


def _is_refused(answer: httpx2.Response, why: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), f"{why}: {answer.text}"
    assert answer.headers["dpop-nonce"], "each answer to a proof says the nonce (RFC 9449 section 8)"


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256", "RS256"])
def test_a_token_is_bound_to_the_key_that_was_proved(world: World, alg: str) -> None:
    person = _shared(world)
    prover = Prover(person.party(), ClientKey(alg))
    assert alg in prover.party.metadata["dpop_signing_alg_values_supported"]
    body = _bound(person, prover)
    assert prover.userinfo(body["access_token"]).status_code == 200
    told = prover.party.introspect(body["access_token"])
    assert told["token_type"] == "DPoP"
    assert told["cnf"] == {"jkt": prover.key.thumbprint}


def test_without_the_servers_nonce_nothing_is_used_up_and_the_retry_succeeds(world: World) -> None:
    person = _shared(world)
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
    prover = Prover(_shared(world).party())
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
    prover = Prover(_shared(world).party())
    _is_refused(prover.probe(prover.proof(**changes)), str(changes)[:60])


def test_a_proof_of_another_time_is_refused(world: World) -> None:
    prover = Prover(_shared(world).party())
    now = int(clock.now().timestamp())
    for far in (-3600, 3600, -1200, 1200):
        _is_refused(prover.probe(prover.proof(iat=now + far)), f"{far} s")


def test_the_address_counts_without_query_and_whatever_the_case_of_its_host(world: World) -> None:
    prover = Prover(_shared(world).party())
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
        _is_refused(prover.probe(prover.proof(address=address)), address)


def test_a_proof_is_shown_once_also_when_it_is_shown_many_times_at_once(world: World) -> None:
    person = _shared(world)
    prover = Prover(person.party())
    token, headers = _bound(person, prover)["access_token"], prover.proof()
    assert prover.probe(headers).json()["error"] == "invalid_grant"
    _is_refused(prover.probe(headers), "shown again")
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
    prover = Prover(_shared(world).party())
    key = prover.key
    private = key.key.as_dict(private=True)
    symmetric = OctKey.generate_key(256).as_dict(private=True)
    rsa = {"kty": "RSA", "n": 7, "e": "AQAB"}
    junk: list[Any] = [private, symmetric, {}, [], "x", 7, None, {"kty": "EC"}, {"kty": ["EC"]}, rsa]
    for jwk in junk:
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        _is_refused(prover.probe({"DPoP": _by_hand(header, {"htm": "POST"}, key)}), str(jwk)[:60])
    _is_refused(prover.probe(prover.proof(header={"jwk": private})), "RFC 9449 section 4.2: no private key")
    _is_refused(prover.probe(prover.proof(header={"jwk": ClientKey().key.as_dict(private=False)})), "another's key")
    other = ECKey.generate_key("P-384").as_dict(private=False)
    _is_refused(prover.probe(prover.proof(header={"jwk": other})), "another curve")


def test_a_key_that_anybody_might_factor_is_none(world: World) -> None:
    weak = ClientKey("RS256")
    with warnings.catch_warnings(action="ignore"):
        weak.key = RSAKey.generate_key(1024)
        party = _shared(world).party()
        answer = party.redeem("x", {"DPoP": weak.proof("POST", party.metadata["token_endpoint"])})
    assert answer.json()["error"] == "invalid_dpop_proof", "RFC 7518 section 3.3: 2048 bits at least"


def test_an_unsigned_and_a_symmetric_proof_are_none(world: World) -> None:
    prover = Prover(_shared(world).party())
    genuine = prover.proof()["DPoP"]
    claims = genuine.split(".")[1]
    for alg in ("none", "HS256", "ES384", "", 7, None):
        header = {"typ": "dpop+jwt", "alg": alg, "jwk": prover.key.key.as_dict(private=False)}
        text = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
        for signature in ("", genuine.split(".")[2]):
            _is_refused(prover.probe({"DPoP": f"{text}.{claims}.{signature}"}), f"alg {alg}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.e30", "." * 50, "é.é.é", "A" * 5000, "bnVsbA.bnVsbA.x"])
def test_no_header_makes_the_endpoints_fail(world: World, text: str) -> None:
    person = _shared(world)
    prover = Prover(person.party())
    raw = [(b"DPoP", text.encode("latin-1"))]
    login = (person.syndic.client_id, person.syndic.client_secret)
    values = {"grant_type": "authorization_code", "code": "x"}
    answer = prover.party.http.post(prover.token_endpoint, data=values, headers=raw, auth=login)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_dpop_proof"


def test_two_proofs_are_none(world: World) -> None:
    prover = Prover(_shared(world).party())
    one, two = prover.proof()["DPoP"], prover.proof()["DPoP"]
    login = (prover.party.syndic.client_id, prover.party.syndic.client_secret)
    values = {"grant_type": "authorization_code", "code": "x"}
    headers = [("DPoP", one), ("DPoP", two)]
    _is_refused(prover.party.http.post(prover.token_endpoint, data=values, headers=headers, auth=login), "two headers")


def test_a_bound_token_opens_nothing_without_the_proof_of_its_own_key(world: World) -> None:
    person = _shared(world)
    prover, thief = Prover(person.party()), Prover(person.party())
    token = _bound(person, prover)["access_token"]
    address = prover.userinfo_endpoint
    plain = prover.party.http.get(address, headers={"Authorization": f"Bearer {token}"})
    assert plain.status_code == 401, "RFC 9449 section 7.1: never as a bearer token"
    assert prover.userinfo(token, scheme="Bearer").status_code == 401, "not even with its proof"
    assert prover.party.http.post(address, data={"access_token": token}).status_code == 401, "nor in a form"
    assert prover.party.http.get(address, headers={"Authorization": f"DPoP {token}"}).status_code == 401, (
        "without proof"
    )
    assert thief.userinfo(token).status_code == 401, "another's key"
    other = _bound(person, prover)["access_token"]
    assert prover.userinfo(token, token=other).status_code == 401, "ath of another token"
    assert prover.userinfo(token, ath=None).status_code == 401, "no ath"
    assert prover.userinfo(token, method="POST").status_code == 401
    assert prover.userinfo(token, address=prover.token_endpoint).status_code == 401
    assert prover.userinfo(token).status_code == 200


def test_a_bearer_token_is_none_of_the_scheme_dpop(world: World) -> None:
    person = _shared(world)
    prover = Prover(person.party())
    token = person.tokens(prover.party)["access_token"]
    assert prover.userinfo(token).status_code == 401
    assert prover.party.userinfo(token).status_code == 200


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "dPoP"])
def test_the_schemes_name_may_be_written_in_any_case(world: World, scheme: str) -> None:
    person = _shared(world)
    prover = Prover(person.party())
    assert prover.userinfo(_bound(person, prover)["access_token"], scheme=scheme).status_code == 200
    bearer = person.tokens(prover.party)["access_token"]
    shouted = prover.party.http.get(prover.userinfo_endpoint, headers={"Authorization": f"BEARER {bearer}"})
    assert shouted.status_code == 200


def test_a_client_that_owes_proofs_gets_no_token_without_one(world: World) -> None:
    person = _shared(world)
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
    person = _shared(world)
    prover, new = Prover(person.party()), ClientKey()
    body = _bound(person, prover)
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
