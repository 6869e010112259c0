"""What is one syndic's is worth nothing at another's endpoints, and trying changes nothing at either.

Both syndics of these tests have the same redirect URI, the same identifiers and the same kinds of clients: nothing
but the issuer tells them apart.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from broker.oidc import jws
from config import clock
from demo.inbox import Inbox
from tenants.clients.pictures import RegisteredKey
from tenants.clients.registry import registered
from tests.security.stage import ASSERTION_TYPE, Stage, arranged, pairs
from tests.security.valid_protocol import par, refresh
from tests.security.wire import Pair, Reply, Wire
from tests.world import World
from workers import outbox

LOGGED_OUT = "http://127.0.0.1:9999/logged-out"


@dataclass(frozen=True)
class Houses:
    """Things of the one are tried at the other."""

    one: Stage
    other: Stage


@pytest.fixture(scope="module")
def stages(broker: str, application: Flask, inbox: Inbox) -> Iterator[tuple[Stage, Stage]]:
    """Two syndics that trust nobody."""
    world = World(broker, application, inbox, outbox.drain)
    yield arranged(world), arranged(world)
    clock.shift(timedelta())


@pytest.fixture(params=["first at second", "second at first"])
def houses(request: pytest.FixtureRequest, stages: tuple[Stage, Stage]) -> Houses:
    """Both ways."""
    return Houses(*stages) if request.param == "first at second" else Houses(*reversed(stages))


def _post(stage: Stage, endpoint: str, form: tuple[Pair, ...], *headers: Pair) -> Reply:
    return stage.send(Wire("POST", f"{stage.path}/{endpoint}", form=form, headers=headers or (stage.basic,)))


def _get(stage: Stage, path: str, query: tuple[Pair, ...] = (), cookies: tuple[Pair, ...] = ()) -> Reply:
    return stage.send(Wire("GET", f"{stage.path}/{path}", query, cookies=cookies))


def _userinfo(stage: Stage, access_token: str) -> int:
    bearer = (b"Authorization", b"Bearer " + access_token.encode())
    return stage.send(Wire("GET", f"{stage.path}/userinfo", headers=(bearer,))).status


def _silent(stage: Stage, cookies: tuple[Pair, ...], **extra: str) -> dict[str, str]:
    """What a silent authorization request answers to the extranet."""
    answer = _get(stage, "authorize", stage.authorization(prompt="none", **extra), cookies)
    assert answer.header("Location").startswith(stage.syndic.redirect_uri), answer.text[:300]
    told = dict(answer.query)
    assert told["iss"] == stage.syndic.issuer, "an answer names its own issuer"
    return told


def _refused(answer: Reply, status: int, error: str) -> None:
    assert (answer.status, answer.json().get("error")) == (status, error), answer.text


def test_a_client_is_unknown_at_another_authorization_endpoint(houses: Houses) -> None:
    asked = Wire("GET", f"{houses.other.path}/authorize", houses.one.authorization(), cookies=houses.other.signed_in)
    answer = houses.other.send(asked)
    assert (answer.status, answer.header("Location")) == (400, ""), "a page, though the address is registered here too"


@pytest.mark.parametrize("endpoint", ["token", "par", "introspect", "revoke"])
def test_a_client_is_unknown_at_another_endpoint_of_clients(houses: Houses, endpoint: str) -> None:
    form = pairs(grant_type="refresh_token", token="t", refresh_token="r")
    _refused(_post(houses.other, endpoint, form, houses.one.basic), 401, "invalid_client")
    client_id, secret = houses.one.own_client
    posted = (*form, *pairs(client_id=client_id, client_secret=secret))
    assert _post(houses.other, endpoint, posted, (b"X", b"x")).json()["error"] == "invalid_client"


def test_a_secret_opens_no_other_syndics_client(houses: Houses) -> None:
    mixed = replace(houses.other, syndic=replace(houses.other.syndic, client_secret=houses.one.syndic.client_secret))
    _refused(_post(mixed, "token", pairs(grant_type="refresh_token", refresh_token="r")), 401, "invalid_client")


def test_a_code_is_refused_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    redemption = houses.one.redemption()
    _refused(_post(houses.other, "token", redemption), 400, "invalid_grant")
    assert _post(houses.one, "token", redemption).status == 200, "who tries it elsewhere does not burn it"


def test_an_access_token_opens_nothing_elsewhere(houses: Houses) -> None:
    access = houses.one.tokens()["access_token"]
    assert _userinfo(houses.other, access) == 401
    assert _post(houses.other, "introspect", pairs(token=access)).json() == {"active": False}
    assert _userinfo(houses.one, access) == 200


def test_revoking_another_syndics_tokens_revokes_nothing(houses: Houses) -> None:
    tokens = houses.one.tokens()
    for kind in ("access_token", "refresh_token"):
        assert _post(houses.other, "revoke", pairs(token=tokens[kind], token_type_hint=kind)).status == 200
    assert _userinfo(houses.one, tokens["access_token"]) == 200
    renewed = _post(houses.one, "token", pairs(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    assert renewed.status == 200, "the family lives"


def test_a_refresh_token_is_refused_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    form = pairs(grant_type="refresh_token", refresh_token=houses.one.tokens()["refresh_token"])
    _refused(_post(houses.other, "token", form), 400, "invalid_grant")
    assert _post(houses.other, "introspect", pairs(token=form[1][1])).json() == {"active": False}
    assert _post(houses.one, "token", form).status == 200


def test_a_clients_own_token_is_worth_nothing_elsewhere(houses: Houses) -> None:
    client_id, secret = houses.one.own_client
    form = pairs(grant_type="client_credentials", client_id=client_id, client_secret=secret)
    access = _post(houses.one, "token", form, (b"X", b"x")).json()["access_token"]
    assert _post(houses.other, "introspect", pairs(token=access)).json() == {"active": False}
    _post(houses.other, "revoke", pairs(token=access))
    assert _post(houses.one, "introspect", pairs(token=access)).json()["active"] is True


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
                assert _userinfo(houses.other, forged) == 401
                assert _post(houses.other, "introspect", pairs(token=forged)).json() == {"active": False}
                told = _silent(houses.other, houses.other.signed_in, id_token_hint=forged)
                assert told["error"] == "login_required", "a forged hint names nobody"
                assert _get(houses.other, "end_session", pairs(id_token_hint=forged)).status == 400


def test_an_id_token_is_no_hint_elsewhere(houses: Houses) -> None:
    hint = houses.one.tokens()["id_token"]
    told = _silent(houses.other, houses.other.signed_in, id_token_hint=hint)
    assert (told["error"], "code" in told) == ("login_required", False)


def test_a_logout_with_another_syndics_hint_ends_nothing(houses: Houses) -> None:
    hint = houses.one.tokens()["id_token"]
    for client in (houses.one, houses.other):
        leave = pairs(id_token_hint=hint, client_id=client.syndic.client_id, post_logout_redirect_uri=LOGGED_OUT)
        for cookies in (houses.one.signed_in, houses.other.signed_in):
            answer = _get(houses.other, "end_session", leave, cookies)
            assert (answer.status, answer.header("Location")) == (400, "")
            assert _post(houses.other, "end_session/confirmed", leave).status == 400
    for house in (houses.one, houses.other):
        assert "code" in _silent(house, house.signed_in), "both are signed in as before"


def test_another_syndics_client_is_no_reason_to_redirect_after_a_logout(houses: Houses) -> None:
    hint = houses.other.tokens()["id_token"]
    leave = pairs(id_token_hint=hint, client_id=houses.one.syndic.client_id, post_logout_redirect_uri=LOGGED_OUT)
    assert _get(houses.other, "end_session", leave).status == 400


def _as_own(houses: Houses, held: str) -> tuple[Pair, ...]:
    """The one's legacy cookie under the name that it has at the other, as its holder may well send it."""
    cookies = getattr(houses.one, held)
    names = f"_{houses.one.syndic.slug}".encode(), f"_{houses.other.syndic.slug}".encode()
    moved = tuple((name.replace(*names), value) for name, value in cookies)
    assert moved != cookies, "a legacy cookie bears its syndic's name"
    return (*houses.other.forms, *(pair for pair in moved if pair[0] != houses.other.forms[0][0]))


@pytest.mark.parametrize("held", ["draft", "waiting"])
def test_a_legacy_sign_in_is_none_elsewhere(houses: Houses, held: str) -> None:
    cookies = _as_own(houses, held)
    assert _silent(houses.other, cookies)["error"] == "login_required"
    pages = [
        "association",
        "association/email",
        "association/profile",
        "association/terms",
        "association/waiting",
        "association/done",
    ]
    for page in pages:
        answer = _get(houses.other, page, cookies=cookies)
        assert 400 <= answer.status < 500, (
            f"{page} knows an attempt of another syndic: {answer.status} {answer.header('Location')}"
        )
        assert houses.one.syndic.slug not in answer.text
    for page in (
        "association/email",
        "association/profile",
        "association/terms",
        "association/waiting/resend",
        "association/waiting/code",
    ):
        form = pairs(csrf_token=houses.other.csrf, email="x@orange.fr", accept="on", code="12345678", password="p" * 20)
        asked = Wire("POST", f"{houses.other.path}/{page}", form=form, cookies=cookies)
        answer = houses.other.send(asked)
        assert 400 <= answer.status < 500, f"{page} goes on with another syndic's attempt: {answer.header('Location')}"


def test_a_logout_elsewhere_does_not_end_a_legacy_sign_in(houses: Houses) -> None:
    asked = Wire("POST", f"{houses.other.path}/end_session/confirmed", cookies=_as_own(houses, "draft"))
    houses.other.send(asked)
    _get(houses.other, "end_session", cookies=_as_own(houses, "draft"))
    assert "code" in _silent(houses.one, houses.one.draft), "it still stands at home"


def test_an_identity_session_is_none_where_nobody_trusts_its_origin(houses: Houses) -> None:
    assert _silent(houses.other, houses.one.signed_in)["error"] == "login_required"
    answer = _get(houses.other, "authorize", houses.other.authorization(), houses.one.signed_in)
    assert answer.header("Location").startswith(f"{houses.other.path}/login?r="), "the login page comes"
    assert "code" in _silent(houses.one, houses.one.signed_in)


def test_a_pushed_request_is_unknown_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    pushed = houses.one.send(par(houses.one)).json()["request_uri"]
    for client in (houses.one, houses.other):
        asked = pairs(client_id=client.syndic.client_id, request_uri=pushed)
        answer = _get(houses.other, "authorize", asked, houses.other.signed_in)
        assert (answer.status, answer.header("Location")) == (400, "")
    home = pairs(client_id=houses.one.syndic.client_id, request_uri=pushed)
    assert "code" in dict(_get(houses.one, "authorize", home, houses.one.signed_in).query)


@pytest.mark.parametrize("question", ["", "consent", "select_account"])
def test_a_waiting_request_is_unknown_elsewhere_and_its_questions_stay_unanswered(
    houses: Houses, question: str
) -> None:
    handle = houses.one.handle(signed_in=bool(question), **({"prompt": question} if question else {}))
    for cookies in (houses.one.signed_in, houses.other.signed_in):
        for page in ("resume", "consent", "choose"):
            answer = _get(houses.other, page, pairs(r=handle), cookies)
            assert "code=" not in answer.header("Location"), f"{page} answered another syndic's request"
            assert answer.status == 303, f"{page} shows another syndic's request: {answer.status}"
        for page, said in (("consent", "continue"), ("consent", "cancel"), ("choose", "x")):
            form = pairs(csrf_token=houses.other.csrf, answer=said, account=said)
            own = tuple(pair for pair in cookies if pair[0] != houses.other.forms[0][0])
            asked = Wire(
                "POST", f"{houses.other.path}/{page}", pairs(r=handle), form, cookies=(*houses.other.forms, *own)
            )
            assert "error=" not in houses.other.send(asked).header("Location")
    answer = _get(houses.one, "resume", pairs(r=handle), houses.one.signed_in)
    if question:
        path = {"consent": "consent", "select_account": "choose"}[question]
        assert answer.header("Location") == f"{houses.one.path}/{path}?r={handle}", "at home the question still waits"
    else:
        assert "code" in dict(answer.query), "at home it goes on"


def test_the_login_page_of_another_syndic_tells_nothing_of_a_request(houses: Houses) -> None:
    handle = houses.one.handle(login_hint="jeanne@un-secret.example")
    assert "un-secret" in _get(houses.one, "login", pairs(r=handle)).text
    assert "un-secret" not in _get(houses.other, "login", pairs(r=handle)).text


def test_an_account_hint_of_another_syndic_acts_as_absent(houses: Houses) -> None:
    access = houses.one.tokens()["access_token"]
    bearer = (b"Authorization", b"Bearer " + access.encode())
    account = houses.one.send(Wire("GET", f"{houses.one.path}/userinfo", headers=(bearer,))).json()["account"]["id"]
    assert "code" in _silent(houses.other, houses.other.signed_in, login_hint=f"account:{account}")


def test_an_assertion_for_another_issuer_is_refused(houses: Houses) -> None:
    issuer = houses.one.syndic.issuer
    for aud in (issuer, f"{issuer}/token", [issuer], houses.one.base, ""):
        said = pairs(client_assertion_type=ASSERTION_TYPE, client_assertion=houses.other.assertion(aud=aud))
        answer = _post(houses.other, "token", pairs(grant_type="client_credentials") + said, (b"X", b"x"))
        assert answer.json()["error"] == "invalid_client", f"meant for {aud!r}"
    said = pairs(
        client_assertion_type=ASSERTION_TYPE, client_assertion=houses.one.assertion(aud=houses.other.syndic.issuer)
    )
    answer = _post(houses.other, "token", pairs(grant_type="client_credentials") + said, (b"X", b"x"))
    assert answer.json()["error"] == "invalid_client", "the client itself is unknown here"


def test_an_assertion_that_was_refused_elsewhere_is_still_good_at_home(houses: Houses) -> None:
    said = pairs(client_assertion_type=ASSERTION_TYPE, client_assertion=houses.one.assertion())
    form = pairs(grant_type="client_credentials") + said
    assert _post(houses.other, "token", form, (b"X", b"x")).json()["error"] == "invalid_client"
    assert _post(houses.one, "token", form, (b"X", b"x")).status == 200, "its jti was not used up"


def test_a_proof_for_another_issuer_is_refused(houses: Houses) -> None:
    proof = (b"DPoP", houses.one.proof("token").encode())
    refused = _post(houses.other, "token", houses.other.redemption(), houses.other.basic, proof)
    _refused(refused, 400, "invalid_dpop_proof")
    assert _post(houses.one, "token", houses.one.redemption(), houses.one.basic, proof).status == 200


def test_the_holder_of_a_retired_identifier_disputes_at_its_own_syndic_only(houses: Houses) -> None:
    assert _get(houses.one, "dispute", pairs(p=houses.one.dispute)).status == 200
    assert _get(houses.other, "dispute", pairs(p=houses.one.dispute)).status == 404
    form = pairs(csrf_token=houses.other.csrf)
    asked = Wire("POST", f"{houses.other.path}/dispute", pairs(p=houses.one.dispute), form, cookies=houses.other.forms)
    assert houses.other.send(asked).status == 404


def test_a_refresh_at_home_answers_for_home_only(houses: Houses) -> None:
    told = houses.one.send(refresh(houses.one)).json()
    assert _userinfo(houses.one, told["access_token"]) == 200
    assert _userinfo(houses.other, told["access_token"]) == 401
