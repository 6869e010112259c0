"""Whatever bytes a stranger sends to any endpoint, there is a clear answer: never a failure, never a hang."""

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.browser import Browser
from tests.journeys.steps import email_sign_in, legacy_sign_in
from tests.security import strangers
from tests.security.examples import examples
from tests.security.promises import hold
from tests.security.stage import Stage, pairs
from tests.security.valid import VALID, Make
from tests.security.valid_protocol import authorize, authorize_by_form, authorize_by_post, par
from tests.security.wire import Wire

pytestmark = pytest.mark.usefixtures("nothing_secret_is_logged")
PROTOCOL = [endpoint for endpoint in sorted(VALID) if endpoint.split(".")[0] in {"oidc", "interaction", "login"}]
PAGES = sorted(VALID.keys() - set(PROTOCOL))
REFUSED_WHEN_VALID = {"portal.logo": 404, "association.resend": 429}
"""Agencies of tests have no logo, and a mail has just been sent."""
GATES = ("/login?next=", "/account/again", "/account/security/confirm", "/terms?")
"""Where those are sent who may not call an endpoint yet."""


def test_every_endpoint_is_driven(application: Flask) -> None:
    endpoints = {rule.endpoint for rule in application.url_map.iter_rules()}
    assert endpoints == set(VALID), "each endpoint has a valid request, of which hostile ones are made"


def test_the_requests_that_hostile_ones_are_made_of_are_valid(stage: Stage) -> None:
    for endpoint, makes in VALID.items():
        for make in makes:
            asked = make(stage)
            got = stage.send(asked)
            wanted = {REFUSED_WHEN_VALID.get(endpoint, got.status)} & {200, 201, 302, 303, 404, 429}
            assert got.status in wanted, f"{endpoint} is reached: {got.status} {got.text[:400]}"
            assert endpoint in REFUSED_WHEN_VALID or got.status < 400, f"{endpoint}: {got.status} {got.text[:400]}"
            assert not got.header("Location").startswith(GATES), f"{endpoint} is let in: {got.header('Location')}"
            hold(stage, asked, got)


def _one_or_two_things_wrong(endpoint: str, stage: Stage, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(VALID[endpoint]))(stage)
    for wrong in data.draw(st.lists(strangers.wrongs(), min_size=1, max_size=2)):
        asked = wrong(asked)
    hold(stage, asked, stage.send(asked))


@pytest.mark.parametrize("endpoint", PROTOCOL)
@given(data=st.data())
@examples(50)
def test_one_or_two_things_wrong_at_a_protocol_endpoint(endpoint: str, stage: Stage, data: st.DataObject) -> None:
    _one_or_two_things_wrong(endpoint, stage, data)


@pytest.mark.parametrize("endpoint", PAGES)
@given(data=st.data())
@examples(8)
def test_one_or_two_things_wrong_at_a_page(endpoint: str, stage: Stage, data: st.DataObject) -> None:
    _one_or_two_things_wrong(endpoint, stage, data)


def _with(asked: Wire, name: bytes, value: bytes) -> Wire:
    part = "form" if asked.form else "query"
    kept = tuple(pair for pair in getattr(asked, part) if pair[0] != name)
    return asked.put(part, (*kept, (name, value)))


@given(
    make=st.sampled_from([authorize, authorize_by_form, authorize_by_post, par]),
    name=st.sampled_from(strangers.KNOWN),
    value=strangers.values,
)
@examples(300)
def test_any_bytes_in_one_parameter_of_an_authorization_request(
    stage: Stage, make: Make, name: bytes, value: bytes
) -> None:
    asked = _with(make(stage), name, value)
    got = stage.send(asked)
    hold(stage, asked, got)
    if (
        name in {b"client_id", b"redirect_uri"}
        and make is not par
        and value.decode("utf-8", "replace") not in str(make(stage))
    ):
        assert got.status == 400, (
            f"before the address is proved there is a page: {got.status} {got.headers} for {value!r}"
        )
        assert not got.header("Location")


WRONG = [
    (b"response_type", b"token", "unsupported_response_type"),
    (b"response_type", b"", "invalid_request"),
    (b"scope", b"profile", "invalid_scope"),
    (b"prompt", b"none login", "invalid_request"),
    (b"max_age", b"9" * 400, "invalid_request"),
    (b"max_age", "\u0661".encode(), "invalid_request"),
    (b"claims", b"NaN", "invalid_request"),
    (b"code_challenge_method", b"plain", "invalid_request"),
    (b"nonce", b"a\r\nb", "invalid_request"),
    (b"request", b"e30.e30.", "request_not_supported"),
    (b"request_uri", b"https://evil.example/", "request_uri_not_supported"),
]


@pytest.mark.parametrize(("name", "value", "error"), WRONG)
@pytest.mark.parametrize("state", ["s", "é +%25&=\"'<b>\u202e\U0001f511", " \t", "x" * 5000])
def test_what_is_wrong_goes_back_with_error_state_and_iss_by_redirect_and_by_form(
    stage: Stage, name: bytes, value: bytes, error: str, state: str
) -> None:
    """Where `state` itself is what is wrong, it still comes back as it was sent."""
    for make in (authorize, authorize_by_form):
        asked = _with(_with(make(stage), b"state", state.encode()), name, value)
        got = stage.send(asked)
        hold(stage, asked, got)
        if make is authorize:
            told = dict(got.query)
            assert (told["state"], told["iss"]) == (state, stage.syndic.issuer)
            assert told["error"] == error or len(state) > 2048 or "\t" in state, told
        else:
            assert got.status == 200
            assert b'<form id="answer"' in got.body, "the error is posted like a code"
            assert b'name="error"' in got.body


@pytest.mark.parametrize("claims", [*strangers.JSONS, *(strangers.nested(depth) for depth in range(900, 1000, 9))])
def test_any_json_in_claims_is_answered_with_a_code_or_an_error(stage: Stage, claims: bytes) -> None:
    for make in (authorize, par):
        asked = _with(make(stage), b"claims", claims)
        got = stage.send(asked)
        hold(stage, asked, got)
        assert got.status in {302, 201, 400}, f"{got.status} for {claims[:100]!r}"
        if got.status == 201:
            again = pairs(client_id=stage.syndic.client_id, request_uri=got.json()["request_uri"])
            then = Wire("GET", f"{stage.path}/authorize", again, cookies=stage.signed_in)
            hold(stage, then, stage.send(then))


@pytest.mark.parametrize("endpoint", ["oidc.token", "oidc.par", "oidc.authorize", "login.submit", "recovery.submit"])
@pytest.mark.parametrize("shape", ["urlencoded", "chunked", "multipart"])
def test_a_nul_is_refused_in_every_field_however_the_body_comes(stage: Stage, endpoint: str, shape: str) -> None:
    for make in VALID[endpoint]:
        fields = [name for name, _ in make(stage).form]
        for field in fields:
            asked = replace(_with(make(stage), field, b"a\x00b"), shape=shape)
            got = stage.send(asked)
            hold(stage, asked, got)
            assert got.status in {400, 401}, f"{got.status} with a NUL in {field!r}"


@pytest.mark.parametrize("agent", [b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b"x" * 5000, b"\xe2\x80\xae", b""])
def test_somebody_signs_in_with_any_name_of_a_browser(stage: Stage, agent: bytes) -> None:
    account = stage.syndic.accounts[6]
    form = pairs(csrf_token=stage.csrf, username=account.identifier, password=account.password)
    headers = ((b"User-Agent", agent),)
    asked = Wire("POST", f"{stage.path}/login", form=form, cookies=stage.forms, headers=headers)
    assert stage.send(asked).status == 303, "the right pair is let in"


def test_after_all_that_owners_sign_in_as_ever(stage: Stage) -> None:
    assert email_sign_in(stage.syndic, stage.email).id_claims["acr"] == "password"
    party, page = legacy_sign_in(Browser(), stage.syndic, stage.syndic.accounts[6])
    assert party.complete(page).id_claims["acr"] == "legacy"
