"""Whatever stands where a token, an assertion or a proof is taken is clearly refused, and nothing is believed."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.security import strangers
from tests.security.examples import examples
from tests.security.promises import TOKEN_ERRORS, hold
from tests.security.stage import ASSERTION_TYPE, Stage, pairs
from tests.security.valid import VALID
from tests.security.valid_protocol import token
from tests.security.wire import Pair, Wire

pytestmark = pytest.mark.usefixtures("nothing_secret_is_logged")


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
