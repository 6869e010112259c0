"""How clients prove who they are (RFC 6749 §2.3, RFC 7523 §3): the registered way, and no other."""

import base64
import hmac
import json
import secrets
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from config import clock
from tests.client_key import ClientKey
from tests.relying_party import ASSERTION, RelyingParty
from tests.world import World

OWN = {"grant_types": ["authorization_code", "refresh_token", "client_credentials"]}


def _signing(world: World, key: ClientKey, **metadata: Any) -> RelyingParty:
    """A client that signs its assertions and may act for itself."""
    keys = {} if "jwks_uri" in metadata else {"jwks": key.jwks}
    fields = {"token_endpoint_auth_method": "private_key_jwt", **OWN, **keys, **metadata}
    return RelyingParty(world.client(world.syndic(accounts=0), **fields), key)


def _with(party: RelyingParty, assertion: str, **more: str) -> httpx2.Response:
    """Ask for a token with this assertion."""
    proved = {"client_assertion_type": ASSERTION, "client_assertion": assertion}
    values = {"grant_type": "client_credentials", **proved, **more}
    return party.http.post(party.metadata["token_endpoint"], data=values)


def _own(party: RelyingParty) -> httpx2.Response:
    return party.ask("token_endpoint", {"grant_type": "client_credentials"})


def _is_refused(answer: httpx2.Response, why: str) -> None:
    assert answer.status_code in {400, 401}, f"{why}: {answer.status_code} {answer.text}"
    assert answer.json()["error"] == "invalid_client", f"{why}: {answer.text}"


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256", "RS256"])
def test_a_client_may_sign_with_each_advertised_algorithm(world: World, alg: str) -> None:
    party = _signing(world, ClientKey(alg))
    assert alg in party.metadata["token_endpoint_auth_signing_alg_values_supported"]
    assert _own(party).status_code == 200


def test_an_assertion_opens_every_endpoint_that_a_client_authenticates_at(world: World) -> None:
    party = _signing(world, ClientKey())
    token = _own(party).json()["access_token"]
    assert party.push().status_code == 201
    assert party.introspect(token)["active"] is True
    assert party.revoke(token).status_code == 200
    assert party.introspect(token)["active"] is False


def test_the_clients_own_public_key_is_no_secret_for_hs256_and_nothing_goes_unsigned(world: World) -> None:
    key = ClientKey("RS256")
    party = _signing(world, key)
    client, issuer = party.syndic.client_id, party.syndic.issuer
    genuine = key.assertion(client, issuer)
    for public in (key.key.as_pem(private=False), key.key.as_der(private=False), json.dumps(key.public).encode()):
        text = _reheaded(genuine, {"alg": "HS256", "kid": key.kid}).rpartition(".")[0]
        mac = hmac.digest(public, text.encode(), "sha256")
        _is_refused(_with(party, f"{text}.{_encoded(mac)}"), "HS256 over the public key")
    unsigned = genuine.rpartition(".")[0] + "."
    _is_refused(_with(party, unsigned), "without its signature")
    _is_refused(_with(party, _reheaded(unsigned, {"alg": "none", "kid": key.kid})), "unsigned")
    _is_refused(_with(party, ClientKey("RS256", key.kid).assertion(client, issuer)), "another key under this kid")


def test_the_assertion_must_be_meant_for_this_issuer(world: World) -> None:
    key = ClientKey()
    party, other = _signing(world, key), RelyingParty(world.syndic(accounts=0))
    client, issuer = party.syndic.client_id, party.syndic.issuer
    endpoints = [party.metadata[name] for name in ("token_endpoint", "pushed_authorization_request_endpoint")]
    for audience in (issuer, [issuer], *endpoints, ["https://elsewhere.example", issuer]):
        assert _with(party, key.assertion(client, audience)).status_code == 200, audience
    foreign: tuple[object, ...] = (other.syndic.issuer, other.metadata["token_endpoint"], party.metadata["jwks_uri"])
    for audience in (*foreign, f"{issuer}/", world.base, [], "", None, 7, {"iss": issuer}, [[issuer]]):
        _is_refused(_with(party, key.assertion(client, audience)), f"aud={audience}")


def test_an_assertion_is_worth_nothing_at_another_syndics_endpoints(world: World) -> None:
    key = ClientKey()
    party, other = _signing(world, key), RelyingParty(world.syndic(accounts=0))
    for audience in (party.syndic.issuer, other.syndic.issuer):
        _is_refused(_with(other, key.assertion(party.syndic.client_id, audience)), "no client of this syndic")


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
    party = _signing(world, key)
    _is_refused(_with(party, key.assertion(party.syndic.client_id, party.syndic.issuer, **claims)), str(claims))
    assert _own(party).status_code == 200


def test_an_assertion_lives_for_an_hour_at_most_and_not_after_its_end(world: World) -> None:
    key = ClientKey()
    party, now = _signing(world, key), int(clock.now().timestamp())
    client, issuer = party.syndic.client_id, party.syndic.issuer
    assert _with(party, key.assertion(client, issuer, exp=now - 10)).status_code == 200, "clocks differ a little"
    _is_refused(_with(party, key.assertion(client, issuer, exp=now - 300)), "five minutes past")
    assert _with(party, key.assertion(client, issuer, exp=now + 3000)).status_code == 200
    _is_refused(_with(party, key.assertion(client, issuer, exp=now + 4000)), "more than an hour ahead")
    _is_refused(_with(party, key.assertion(client, issuer, iat=now + 600)), "made in the future")
    _is_refused(_with(party, key.assertion(client, issuer, nbf=now + 600)), "not valid yet")
    late = key.assertion(client, issuer, exp=now + 60)
    world.later(minutes=5)
    _is_refused(_with(party, late), "the broker's clock decides")


def test_an_assertion_works_once_also_when_it_is_shown_many_times_at_once(world: World) -> None:
    key = ClientKey()
    party = _signing(world, key)
    assertion = key.assertion(party.syndic.client_id, party.syndic.issuer)
    with ThreadPoolExecutor(10) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: _with(party, assertion), range(10))]
    assert statuses.count(200) == 1, statuses
    assert all(status in {200, 400, 401} for status in statuses), statuses
    _is_refused(_with(party, assertion), "shown again")
    world.later(minutes=3)
    _is_refused(_with(party, assertion), "shown again once it has expired")


def test_two_clients_may_use_the_same_jti(world: World) -> None:
    keys, jti = [ClientKey(), ClientKey()], secrets.token_hex(8)
    for key in keys:
        party = _signing(world, key)
        assertion = key.assertion(party.syndic.client_id, party.syndic.issuer, jti=jti)
        assert _with(party, assertion).status_code == 200


def test_each_client_proves_itself_in_its_registered_way_only(world: World) -> None:
    syndic, key = world.syndic(accounts=0), ClientKey()
    basic = world.client(syndic, **OWN)
    post = world.client(syndic, token_endpoint_auth_method="client_secret_post", **OWN)
    signs = world.client(syndic, token_endpoint_auth_method="private_key_jwt", jwks=key.jwks, **OWN)
    address = RelyingParty(syndic).metadata["token_endpoint"]
    accepted = {}
    for name, client in (("basic", basic), ("post", post), ("signs", signs)):
        secret, grant = client.client_secret or "x", {"grant_type": "client_credentials"}
        proved = {
            "client_assertion_type": ASSERTION,
            "client_assertion": key.assertion(client.client_id, syndic.issuer),
        }
        ways: dict[str, dict[str, Any]] = {
            "basic": {"data": grant, "auth": (client.client_id, secret)},
            "post": {"data": {**grant, "client_id": client.client_id, "client_secret": secret}},
            "signs": {"data": {**grant, **proved}},
            "nothing": {"data": {**grant, "client_id": client.client_id}},
        }
        answers = {way: httpx2.post(address, **sent) for way, sent in ways.items()}
        accepted[name] = [way for way, answer in answers.items() if answer.status_code == 200]
        assert {answer.json().get("error") for answer in answers.values()} == {None, "invalid_client"}
    assert accepted == {"basic": ["basic"], "post": ["post"], "signs": ["signs"]}


def test_a_client_id_beside_an_assertion_must_be_the_same_clients(world: World) -> None:
    key = ClientKey()
    party = _signing(world, key)
    client, issuer = party.syndic.client_id, party.syndic.issuer
    assert _with(party, key.assertion(client, issuer), client_id=client).status_code == 200
    _is_refused(_with(party, key.assertion(client, issuer), client_id="somebody"), "RFC 7521 section 4.2")


HOSTILE_BASIC = [
    "Basic",
    "Basic é",
    "Basic //79",
    "Basic ====",
    "Basic Og==",
    "Basic YTo=",
    "basic x y",
]


@pytest.mark.parametrize("header", HOSTILE_BASIC)
def test_no_authorization_header_makes_the_token_endpoint_fail(world: World, header: str) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    raw = [(b"Authorization", header.encode("latin-1"))]
    for endpoint in ("token_endpoint", "introspection_endpoint", "pushed_authorization_request_endpoint"):
        values = {"grant_type": "client_credentials", "token": "x"}
        answer = httpx2.post(party.metadata[endpoint], data=values, headers=raw)
        _is_refused(answer, header)


def test_a_wrong_secret_in_the_header_is_answered_with_the_scheme_to_use(world: World) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    for login in ((party.syndic.client_id, "wrong"), ("nobody", "x")):
        answer = httpx2.post(party.metadata["token_endpoint"], data={"grant_type": "refresh_token"}, auth=login)
        assert answer.status_code == 401, "RFC 6749 section 5.2"
        assert answer.headers["www-authenticate"].startswith("Basic"), "RFC 6749 section 5.2"


JUNK: list[Any] = ["x", ".", "..", "e30.e30.", "é.é.é", "a" * 50_000, "W10.W10.W10", "bnVsbA.bnVsbA.x", "." * 300]


@pytest.mark.parametrize("assertion", JUNK)
def test_no_assertion_makes_the_token_endpoint_fail(world: World, assertion: str) -> None:
    _is_refused(_with(_signing(world, ClientKey()), assertion), assertion[:20])


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
    party = _signing(world, key)
    genuine = key.assertion(party.syndic.client_id, party.syndic.issuer)
    twisted = _reheaded(genuine, {"alg": "ES256", "kid": key.kid, **header})
    _is_refused(_with(party, twisted), str(header))


def _reheaded(assertion: str, header: dict[str, Any]) -> str:
    return ".".join([_encoded(json.dumps(header).encode()), *assertion.split(".")[1:]])


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_key_that_anybody_might_factor_is_none(world: World) -> None:
    key = ClientKey("RS256")
    with warnings.catch_warnings(action="ignore"):
        key.key = RSAKey.generate_key(1024)
        party = _signing(world, key)
        _is_refused(_own(party), "RFC 7518 section 3.3: 2048 bits at least")


def test_without_a_kid_the_only_key_is_meant_and_among_several_none(world: World) -> None:
    one, two = ClientKey(), ClientKey()
    single, several = _signing(world, one), _signing(world, one, jwks={"keys": [one.public, two.public]})
    bare = {"kid": None}
    assert _with(single, one.assertion(single.syndic.client_id, single.syndic.issuer, header=bare)).status_code == 200
    refused = _with(several, one.assertion(several.syndic.client_id, several.syndic.issuer, header=bare))
    _is_refused(refused, "which of two keys?")
    for key in (one, two):
        several.key = key
        assert _own(several).status_code == 200, "each of its keys is the client's"


@dataclass
class Published:
    """What a client's own server publishes, and how often it was asked."""

    address: str = ""
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def show(self, *keys: ClientKey) -> None:
        """Publish these keys."""
        self.body = json.dumps({"keys": [key.public for key in keys]}).encode()


@contextmanager
def _publishing(*keys: ClientKey) -> Iterator[Published]:
    """Serve a JWK Set on loopback."""
    state = Published()
    state.show(*keys)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            for name, value in {"Content-Length": str(len(state.body)), **state.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}/jwks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_published_keys_are_read_once_and_believed_for_a_while(world: World) -> None:
    key = ClientKey()
    with _publishing(key) as published:
        party = _signing(world, key, jwks_uri=published.address)
        assert [_own(party).status_code for _ in range(5)] == [200] * 5
        assert published.asked == 1, "not for every assertion"
        published.show(ClientKey())
        world.later(minutes=6)
        _is_refused(_own(party), "a key that the client withdrew more than five minutes ago")
        assert published.asked == 2


def test_an_unknown_kid_makes_us_look_again_but_not_at_will(world: World) -> None:
    old, new = ClientKey(), ClientKey()
    with _publishing(old) as published:
        party = _signing(world, old, jwks_uri=published.address)
        assert _own(party).status_code == 200
        for _ in range(5):
            party.key = ClientKey()
            _is_refused(_own(party), "an unknown key")
        assert published.asked == 1, "within ten seconds nobody looks again"
        published.show(old, new)
        world.later(seconds=11)
        party.key = new
        assert _own(party).status_code == 200, "a new key of the client works at once"
        party.key = old
        assert _own(party).status_code == 200
        assert published.asked == 2


@pytest.mark.parametrize("what", ["gone", "huge", "private", "symmetric", "junk", "list", "empty", "redirect", "error"])
def test_keys_that_cannot_be_used_are_refused_and_asked_for_at_most_every_ten_seconds(world: World, what: str) -> None:
    key = ClientKey()
    with _publishing(key) as published, _publishing(key) as elsewhere:
        good, address = published.body, published.address
        if what == "gone":
            address = "http://127.0.0.1:9/jwks"
        elif what == "huge":
            published.body = json.dumps({"keys": [key.public], "pad": "x" * 100_000}).encode()
        elif what == "private":
            published.body = json.dumps({"keys": [{**key.key.as_dict(private=True), "kid": key.kid}]}).encode()
        elif what == "symmetric":
            published.body = json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": key.kid}]}).encode()
        elif what in {"junk", "list", "empty"}:
            published.body = {"junk": b"\xff{", "list": b"[1]", "empty": b'{"keys":[]}'}[what]
        elif what == "redirect":
            published.status, published.headers = 302, {"Location": elsewhere.address}
        else:
            published.status = 500
        party = _signing(world, key, jwks_uri=address)
        for _ in range(4):
            _is_refused(_own(party), what)
        assert elsewhere.asked == 0, "redirects are not followed"
        assert published.asked == (0 if what == "gone" else 1), "whoever names this client cannot make us call at will"
        published.body, published.status, published.headers = good, 200, {}
        world.later(seconds=11)
        if what != "gone":
            assert _own(party).status_code == 200, "once they can be read again, they count"


def test_a_known_key_goes_on_working_while_the_clients_server_is_away(world: World) -> None:
    key = ClientKey()
    with _publishing(key) as published:
        party = _signing(world, key, jwks_uri=published.address)
        assert _own(party).status_code == 200
        published.status = 503
        world.later(seconds=11)
        stranger = ClientKey()
        _is_refused(_with(party, stranger.assertion(party.syndic.client_id, party.syndic.issuer)), "an unknown key")
        assert _own(party).status_code == 200, "what was read is believed for five minutes"


def test_an_assertion_is_not_used_up_by_an_old_picture_of_the_configuration(world: World) -> None:
    key = ClientKey()
    party = _signing(world, key)
    assert _own(party).status_code == 200
    refused = party.refresh("x")
    assert refused.json()["error"] == "invalid_grant"
    world.change_client(party.syndic, client_name="Nouveau nom")
    again = party.redeem("x")
    assert again.json()["error"] == "invalid_grant", f"the client is known, its code is not: {again.text}"
