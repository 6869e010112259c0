"""Whatever bytes a stranger sends to any endpoint, there is a clear answer: never a failure, never a hang.

`HOSTILE_EXAMPLES=30` looks thirty times as far as a run in CI does.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.browser import Browser
from tests.journeys.steps import email_sign_in, legacy_sign_in
from tests.security import strangers
from tests.security.promises import TOKEN_ERRORS, hold
from tests.security.stage import ASSERTION_TYPE, Stage, pairs
from tests.security.valid import VALID, Make
from tests.security.valid_protocol import authorize, authorize_by_form, authorize_by_post, par, token
from tests.security.wire import Pair, Wire

FURTHER = int(os.environ.get("HOSTILE_EXAMPLES", "1"))
PROTOCOL = [endpoint for endpoint in sorted(VALID) if endpoint.split(".")[0] in {"oidc", "interaction", "login"}]
PAGES = sorted(VALID.keys() - set(PROTOCOL))
REFUSED_WHEN_VALID = {"portal.logo": 404, "association.resend": 429}
"""Agencies of tests have no logo, and a mail has just been sent."""
GATES = ("/login?next=", "/account/again", "/account/security/confirm", "/terms?")
"""Where those are sent who may not call an endpoint yet."""


def examples(count: int) -> settings:
    """Settings of a property: what an example costs says nothing on a shared machine."""
    return settings(max_examples=count * FURTHER, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _nothing_secret_is_logged(stage: Stage, capfd: pytest.CaptureFixture[str]) -> object:
    """After each of these tests the server's log is read."""
    yield
    logged = "".join(capfd.readouterr())
    assert [secret for secret in stage.secrets() if secret in logged] == [], "no secret and no address is ever logged"
    assert '"unexpected"' not in logged, f"nothing unexpected was raised: {logged[-3000:]}"


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
@examples(15)
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


@pytest.mark.parametrize("header", strangers.AUTHORIZATIONS)
def test_a_malformed_authorization_header_is_refused(stage: Stage, header: bytes) -> None:
    for endpoint in ("oidc.token", "oidc.par", "oidc.introspect", "oidc.revoke", "oidc.userinfo"):
        valid = VALID[endpoint][0](stage)
        bad = (b"Authorization", header)
        for headers in ((bad,), (*valid.headers, bad), (bad, *valid.headers)):
            asked = valid.put("headers", headers)
            got = stage.send(asked)
            hold(stage, asked, got)
            assert got.status in {400, 401}, f"{endpoint} let {headers} in: {got.status} {got.text[:200]}"


def test_a_header_given_twice_proves_nothing(stage: Stage) -> None:
    valid = token(stage)
    asked = valid.put("headers", valid.headers * 2)
    got = stage.send(asked)
    hold(stage, asked, got)
    assert got.status == 401, "two Authorization headers are none"
    proof = (b"DPoP", stage.proof("token").encode())
    again = valid.put("headers", (stage.basic, proof, proof))
    assert stage.send(again).json()["error"] == "invalid_dpop_proof", "two proofs are none"


JUNK: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(10**400), st.just(-(10**400)), st.floats(), st.text(max_size=20),
    st.sampled_from(["\ud800", "\x00", "é", "x" * 3000, "' OR 1=1 --", "../../key", "none", "HS256", "b64", "DEF"]),
    st.lists(st.integers(), max_size=2), st.just({}), st.just([[]]), st.just(["b64"]), st.just({"kty": "EC"}),
)  # fmt: skip
NAMES = st.sampled_from(
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "htm", "htu", "ath", "cnf", "scope", "grant"]
)
HEADER_NAMES = st.sampled_from(["alg", "typ", "kid", "jwk", "crit", "b64", "zip", "cty", "jku", "x5c", "x5u", "enc"])
JWK_NAMES = st.sampled_from(["kty", "crv", "x", "y", "use", "key_ops", "kid", "alg", "n", "e", "k", "x5c"])


@given(claims=st.dictionaries(NAMES, JUNK, max_size=2))
@examples(80)
def test_well_signed_tokens_of_any_claims_are_answered(stage: Stage, claims: dict[str, object]) -> None:
    form = pairs(grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE)
    asserted = Wire(
        "POST", f"{stage.path}/token", form=(*form, (b"client_assertion", stage.assertion(**claims).encode()))
    )
    hold(stage, asserted, stage.send(asserted))
    if len(proof := stage.proof("token", **claims).encode()) < 20_000:
        proved = Wire(
            "POST", f"{stage.path}/token", form=pairs(grant_type="x"), headers=(stage.basic, (b"DPoP", proof))
        )
        hold(stage, proved, stage.send(proved))


@given(
    header=st.dictionaries(HEADER_NAMES, JUNK, max_size=2),
    jwk=st.dictionaries(JWK_NAMES, JUNK, max_size=2),
    data=st.data(),
)
@examples(80)
def test_forged_tokens_of_any_header_are_refused_wherever_a_token_is_taken(
    stage: Stage, header: dict[str, object], jwk: dict[str, object], data: st.DataObject
) -> None:
    own = {**stage.key.as_dict(private=False), **jwk}
    made = strangers.forged({"alg": "ES256", "typ": "dpop+jwt", "jwk": own, **header}, {"sub": stage.signing_client})
    _is_refused(
        stage, data.draw(st.sampled_from([made, made + b"=", made.replace(b".", b"", 1), b"." + made, made + b".x.y"]))
    )


@pytest.mark.parametrize("made", strangers.NO_TOKENS)
def test_what_is_no_token_is_refused_wherever_a_token_is_taken(stage: Stage, made: bytes) -> None:
    _is_refused(stage, made)


def _is_refused(stage: Stage, made: bytes) -> None:
    for path, form, headers in _takers(stage, made):
        asked = Wire("POST", f"{stage.path}/{path}", form=form, headers=headers)
        got = stage.send(asked)
        hold(stage, asked, got)
        told = got.json()
        assert told.get("error") in {*TOKEN_ERRORS, "invalid_token"} or told == {"active": False} or path == "revoke", (
            told
        )
    for path, query in (
        ("authorize", stage.authorization(id_token_hint=made)),
        ("end_session", pairs(id_token_hint=made)),
    ):
        asked = Wire("GET", f"{stage.path}/{path}", query, cookies=stage.signed_in)
        got = stage.send(asked)
        hold(stage, asked, got)
        assert got.status in {303, 400} or dict(got.query).get("error"), f"{path} believed {made[:200]!r}"


def _takers(stage: Stage, made: bytes) -> list[tuple[str, tuple[Pair, ...], tuple[Pair, ...]]]:
    basic, shown = (stage.basic,), made if len(made) < 20_000 else b"x"
    asserted = pairs(grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, client_assertion=made)
    return [
        ("token", asserted, ()),
        ("token", pairs(grant_type="refresh_token", refresh_token=made), basic),
        ("token", pairs(grant_type="authorization_code", code=made), basic),
        ("token", pairs(grant_type="x"), (*basic, (b"DPoP", shown))),
        ("introspect", pairs(token=made), basic),
        ("revoke", pairs(token=made), basic),
        ("userinfo", pairs(access_token=made), ()),
        ("userinfo", (), ((b"Authorization", b"Bearer " + shown),)),
        ("userinfo", (), ((b"Authorization", b"DPoP " + shown), (b"DPoP", shown))),
    ]


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


@given(kind=st.sampled_from(["access_token", "refresh_token", "id_token"]), data=st.data())
@examples(100)
def test_a_genuine_token_with_its_inside_bent_is_refused_wherever_a_token_is_taken(
    stage: Stage, kind: str, data: st.DataObject
) -> None:
    """The signature is left alone: what it is over has changed."""
    parts = stage.tokens()[kind].encode().split(b".")
    at = data.draw(st.integers(0, min(len(parts), 2) - 1))
    inside = _decoded(parts[at])
    cut, tail = (
        data.draw(st.integers(1, 60)),
        data.draw(st.binary(max_size=3) | st.sampled_from([b"}", b'"}', b'"}}', b" "])),
    )
    bent = data.draw(st.sampled_from([inside[:-cut] + tail, inside[:cut] + tail + inside[cut:], inside + tail + b" "]))
    assume(bent != inside)
    parts[at] = urlsafe_b64encode(bent).rstrip(b"=")
    _is_refused(stage, b".".join(parts))


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_genuine_access_token_without_its_last_characters_is_refused(stage: Stage, cut: int) -> None:
    header, payload, signature = stage.tokens()["access_token"].encode().split(b".")
    short = urlsafe_b64encode(_decoded(payload)[:-cut]).rstrip(b"=")
    _is_refused(stage, b".".join((header, short, signature)))


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
