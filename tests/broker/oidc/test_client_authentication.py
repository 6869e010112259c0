"""How clients prove who they are (RFC 6749 §2.3, RFC 7523 §3): the registered way, and no other."""

from typing import Any

import httpx2
import pytest

from tests.broker.oidc.assertions import OWN, is_refused, shown, signing
from tests.client_key import ClientKey
from tests.relying_party import ASSERTION, RelyingParty
from tests.world import World


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
    party = signing(world, key)
    client, issuer = party.syndic.client_id, party.syndic.issuer
    assert shown(party, key.assertion(client, issuer), client_id=client).status_code == 200
    is_refused(shown(party, key.assertion(client, issuer), client_id="somebody"), "RFC 7521 section 4.2")


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
        is_refused(answer, header)


def test_a_wrong_secret_in_the_header_is_answered_with_the_scheme_to_use(world: World) -> None:
    party = RelyingParty(world.syndic(accounts=0))
    for login in ((party.syndic.client_id, "wrong"), ("nobody", "x")):
        answer = httpx2.post(party.metadata["token_endpoint"], data={"grant_type": "refresh_token"}, auth=login)
        assert answer.status_code == 401, "RFC 6749 section 5.2"
        assert answer.headers["www-authenticate"].startswith("Basic"), "RFC 6749 section 5.2"
