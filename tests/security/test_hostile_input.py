"""Any bytes in any parameter get a clear refusal, never a failure."""

from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browser import Browser
from tests.journeys.steps import NAME, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World

GET_PATHS = ("/login", "/help", "/forgotten", "/reset/{}", "/confirm/{}", "/t/{}/login", "/logos/{}.png", "/{}")
PARAMETERS = ("r", "lang", "next", "client_id", "redirect_uri", "state", "prompt", "claims", "p", "iss", "told")
HOSTILE = st.binary(max_size=40) | st.sampled_from(
    [b"\x00", b"\xff\xfe", b"%00", b"'\"<>", b"\xed\xa0\x80", b"a" * 9000]
)


@given(path=st.sampled_from(GET_PATHS), name=st.sampled_from(PARAMETERS), value=HOSTILE)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_makes_the_service_fail(application: Flask, path: str, name: str, value: bytes) -> None:
    raw = quote_from_bytes(value, safe="")
    answer = application.test_client().get(f"{path.format(raw)}?{name}={raw}&{name}=again")
    assert answer.status_code < 500, f"{path} with {name}={raw}: {answer.status_code}"


@given(value=HOSTILE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_protocol_parameter_makes_an_issuer_fail(world: World, application: Flask, value: bytes) -> None:
    issuer = _issuer(world)
    raw, client = quote_from_bytes(value, safe=""), application.test_client()
    for path in ("authorize", "end_session", "resume", "dispute", "association", "association/done"):
        for name in ("client_id", "redirect_uri", "id_token_hint", "state", "r", "p"):
            assert client.get(f"/t/{issuer}/{path}?{name}={raw}").status_code < 500, (path, name, raw)
    for name in ("code", "grant_type", "client_id", "code_verifier"):
        values = {"grant_type": b"authorization_code", "code": b"x", name: value}
        assert client.post(f"/t/{issuer}/token", data=values).status_code < 500, (name, raw)
    bearer = {"Authorization": b"Bearer " + value.replace(b"\n", b"").replace(b"\r", b"")}
    header = {name: text.decode("latin-1") for name, text in bearer.items()}
    for resource in ("userinfo", "accounts"):
        assert client.get(f"/t/{issuer}/{resource}", headers=header).status_code < 500, (resource, raw)
    assert client.get(f"/t/{issuer}/switch/{raw}").status_code < 500, raw


_issuers: list[str] = []


def _issuer(world: World) -> str:
    if not _issuers:
        _issuers.append(world.syndic(accounts=0).slug)
    return _issuers[0]


@pytest.mark.parametrize("typed", ["\x00", "a\x00@b.example", "' OR 1=1 --", "é" * 3000, "@", "@@", "a@b", "\ud7ff"])
def test_any_name_can_be_typed(world: World, typed: str) -> None:
    syndic = world.syndic(accounts=0)
    page = RelyingParty(syndic).begin(Browser())
    values = {NAME: typed, "Mot de passe": typed}
    assert page.submit("Connexion", **values).status < 500


@pytest.mark.parametrize("typed", ["\x00", "<script>alert(1)</script>", "'; DROP TABLE links; --", "x" * 500])
def test_any_personal_information_can_be_typed(world: World, typed: str) -> None:
    syndic = world.syndic(association_policy="required")
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": "quelconque@orange.fr"})
    page = page.submit("Continuer", **{"Nom": typed, "Prénom": typed, "Téléphone": typed, "Mot de passe": typed})
    assert page.status < 500
    assert "<script>alert" not in page.response.text


def test_a_password_of_any_length_is_answered(world: World) -> None:
    syndic = world.syndic()
    page = RelyingParty(syndic).begin(Browser())
    assert sign_in(page, "long@orange.fr", "x" * 40_000).status == 200
