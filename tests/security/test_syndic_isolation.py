"""What is one syndic's is worth nothing at another's endpoints, and trying changes nothing at either.

Both syndics of these tests have the same redirect URI, the same identifiers and the same kinds of clients: nothing
but the issuer tells them apart.
"""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from broker.oidc import jws
from tenants.clients.pictures import RegisteredKey
from tenants.clients.registry import registered
from tests.security.houses import Houses, get, post, silent, userinfo
from tests.security.stage import ASSERTION_TYPE, pairs
from tests.security.valid_protocol import refresh
from tests.security.wire import Reply, Wire

LOGGED_OUT = "http://127.0.0.1:9999/logged-out"


def _refused(answer: Reply, status: int, error: str) -> None:
    assert (answer.status, answer.json().get("error")) == (status, error), answer.text


def test_a_client_is_unknown_at_another_authorization_endpoint(houses: Houses) -> None:
    asked = Wire("GET", f"{houses.other.path}/authorize", houses.one.authorization(), cookies=houses.other.signed_in)
    answer = houses.other.send(asked)
    assert (answer.status, answer.header("Location")) == (400, ""), "a page, though the address is registered here too"


@pytest.mark.parametrize("endpoint", ["token", "par", "introspect", "revoke"])
def test_a_client_is_unknown_at_another_endpoint_of_clients(houses: Houses, endpoint: str) -> None:
    form = pairs(grant_type="refresh_token", token="t", refresh_token="r")
    _refused(post(houses.other, endpoint, form, houses.one.basic), 401, "invalid_client")
    client_id, secret = houses.one.own_client
    posted = (*form, *pairs(client_id=client_id, client_secret=secret))
    assert post(houses.other, endpoint, posted, (b"X", b"x")).json()["error"] == "invalid_client"


def test_a_secret_opens_no_other_syndics_client(houses: Houses) -> None:
    mixed = replace(houses.other, syndic=replace(houses.other.syndic, client_secret=houses.one.syndic.client_secret))
    _refused(post(mixed, "token", pairs(grant_type="refresh_token", refresh_token="r")), 401, "invalid_client")


def test_a_code_is_refused_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    redemption = houses.one.redemption()
    _refused(post(houses.other, "token", redemption), 400, "invalid_grant")
    assert post(houses.one, "token", redemption).status == 200, "who tries it elsewhere does not burn it"


def test_an_access_token_opens_nothing_elsewhere(houses: Houses) -> None:
    access = houses.one.tokens()["access_token"]
    assert userinfo(houses.other, access) == 401
    assert post(houses.other, "introspect", pairs(token=access)).json() == {"active": False}
    assert userinfo(houses.one, access) == 200


def test_revoking_another_syndics_tokens_revokes_nothing(houses: Houses) -> None:
    tokens = houses.one.tokens()
    for kind in ("access_token", "refresh_token"):
        assert post(houses.other, "revoke", pairs(token=tokens[kind], token_type_hint=kind)).status == 200
    assert userinfo(houses.one, tokens["access_token"]) == 200
    renewed = post(houses.one, "token", pairs(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    assert renewed.status == 200, "the family lives"


def test_a_refresh_token_is_refused_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    form = pairs(grant_type="refresh_token", refresh_token=houses.one.tokens()["refresh_token"])
    _refused(post(houses.other, "token", form), 400, "invalid_grant")
    assert post(houses.other, "introspect", pairs(token=form[1][1])).json() == {"active": False}
    assert post(houses.one, "token", form).status == 200


def test_a_clients_own_token_is_worth_nothing_elsewhere(houses: Houses) -> None:
    client_id, secret = houses.one.own_client
    form = pairs(grant_type="client_credentials", client_id=client_id, client_secret=secret)
    access = post(houses.one, "token", form, (b"X", b"x")).json()["access_token"]
    assert post(houses.other, "introspect", pairs(token=access)).json() == {"active": False}
    post(houses.other, "revoke", pairs(token=access))
    assert post(houses.one, "introspect", pairs(token=access)).json()["active"] is True


def _signed_as(key: RegisteredKey, kid: str, claims: dict[str, Any], kind: str) -> str:
    """A token signed by a key under any `kid`."""
    text = jws._header(key.alg, kid, kind) + b"." + jws._encode(json.dumps(claims).encode())
    return (text + b"." + jws._encode(jws._signature(key, text))).decode()


def test_a_signing_key_signs_for_its_own_issuer_only(houses: Houses, application: Flask) -> None:
    """Even under the other issuer's own `kid`, with everything else right."""
    tokens = houses.other.tokens()
    with application.app_context():
        mine, theirs = registered(houses.one.syndic.slug), registered(houses.other.syndic.slug)
        assert mine is not None
        assert theirs is not None
        for alg, kind, token in (("RS256", "JWT", tokens["id_token"]), ("ES256", "at+jwt", tokens["access_token"])):
            genuine, key = theirs.signing_key(alg), mine.signing_key(alg)
            claims = jws.claims_of(genuine, token, kind)
            assert claims is not None, "the genuine one is by the other issuer's own key"
            for kid in (key.kid, genuine.kid):
                forged = _signed_as(key, kid, {**claims, "jti": "j" * 43}, kind)
                assert userinfo(houses.other, forged) == 401
                assert post(houses.other, "introspect", pairs(token=forged)).json() == {"active": False}
                told = silent(houses.other, houses.other.signed_in, id_token_hint=forged)
                assert told["error"] == "login_required", "a forged hint names nobody"
                assert get(houses.other, "end_session", pairs(id_token_hint=forged)).status == 400


def test_an_id_token_is_no_hint_elsewhere(houses: Houses) -> None:
    hint = houses.one.tokens()["id_token"]
    told = silent(houses.other, houses.other.signed_in, id_token_hint=hint)
    assert (told["error"], "code" in told) == ("login_required", False)


def test_a_logout_with_another_syndics_hint_ends_nothing(houses: Houses) -> None:
    hint = houses.one.tokens()["id_token"]
    for client in (houses.one, houses.other):
        leave = pairs(id_token_hint=hint, client_id=client.syndic.client_id, post_logout_redirect_uri=LOGGED_OUT)
        for cookies in (houses.one.signed_in, houses.other.signed_in):
            answer = get(houses.other, "end_session", leave, cookies)
            assert (answer.status, answer.header("Location")) == (400, "")
            assert post(houses.other, "end_session/confirmed", leave).status == 400
    for house in (houses.one, houses.other):
        assert "code" in silent(house, house.signed_in), "both are signed in as before"


def test_another_syndics_client_is_no_reason_to_redirect_after_a_logout(houses: Houses) -> None:
    hint = houses.other.tokens()["id_token"]
    leave = pairs(id_token_hint=hint, client_id=houses.one.syndic.client_id, post_logout_redirect_uri=LOGGED_OUT)
    assert get(houses.other, "end_session", leave).status == 400


def test_an_account_hint_of_another_syndic_acts_as_absent(houses: Houses) -> None:
    access = houses.one.tokens()["access_token"]
    bearer = (b"Authorization", b"Bearer " + access.encode())
    account = houses.one.send(Wire("GET", f"{houses.one.path}/userinfo", headers=(bearer,))).json()["account"]["id"]
    assert "code" in silent(houses.other, houses.other.signed_in, login_hint=f"account:{account}")


def test_an_assertion_for_another_issuer_is_refused(houses: Houses) -> None:
    issuer = houses.one.syndic.issuer
    for aud in (issuer, f"{issuer}/token", [issuer], houses.one.base, ""):
        said = pairs(client_assertion_type=ASSERTION_TYPE, client_assertion=houses.other.assertion(aud=aud))
        answer = post(houses.other, "token", pairs(grant_type="client_credentials") + said, (b"X", b"x"))
        assert answer.json()["error"] == "invalid_client", f"meant for {aud!r}"
    said = pairs(
        client_assertion_type=ASSERTION_TYPE, client_assertion=houses.one.assertion(aud=houses.other.syndic.issuer)
    )
    answer = post(houses.other, "token", pairs(grant_type="client_credentials") + said, (b"X", b"x"))
    assert answer.json()["error"] == "invalid_client", "the client itself is unknown here"


def test_an_assertion_that_was_refused_elsewhere_is_still_good_at_home(houses: Houses) -> None:
    said = pairs(client_assertion_type=ASSERTION_TYPE, client_assertion=houses.one.assertion())
    form = pairs(grant_type="client_credentials") + said
    assert post(houses.other, "token", form, (b"X", b"x")).json()["error"] == "invalid_client"
    assert post(houses.one, "token", form, (b"X", b"x")).status == 200, "its jti was not used up"


def test_a_proof_for_another_issuer_is_refused(houses: Houses) -> None:
    proof = (b"DPoP", houses.one.proof("token").encode())
    refused = post(houses.other, "token", houses.other.redemption(), houses.other.basic, proof)
    _refused(refused, 400, "invalid_dpop_proof")
    assert post(houses.one, "token", houses.one.redemption(), houses.one.basic, proof).status == 200


def test_a_refresh_at_home_answers_for_home_only(houses: Houses) -> None:
    told = houses.one.send(refresh(houses.one)).json()
    assert userinfo(houses.one, told["access_token"]) == 200
    assert userinfo(houses.other, told["access_token"]) == 401
