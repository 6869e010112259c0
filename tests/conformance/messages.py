"""The provider's answers, taken apart and checked: authorization responses, errors, token responses, error pages."""

import re
from typing import Any

import httpx2

from tests.browser import Page
from tests.conformance.discovery import is_safe, media_type
from tests.conformance.entropy import is_unguessable
from tests.conformance.receiver import Arrival

SUCCESS = {"code", "state", "iss", "session_state"}
FAILURE = {"error", "error_description", "error_uri", "state", "iss", "session_state"}
ERROR_TEXT = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*")
"""`error` and `error_description` (RFC 6749 §4.1.2.1); without CR, LF and TAB therefore."""
ERROR_URI = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]*")
VSCHAR = re.compile(r"[\x20-\x7E]+")
"""Tokens (RFC 6749 appendix A)."""
YEAR_S = 31_536_000


def authorization_answer(
    arrival: Arrival, plan: str, asked: dict[str, str], metadata: dict[str, Any]
) -> dict[str, str]:
    """The parameters, which came in the query, or by a form's POST alone (Form Post Response Mode 1.0)."""
    given = arrival.query
    if plan == "form_post":
        assert arrival.method == "POST", "form_post comes by POST"
        assert arrival.content_type == "application/x-www-form-urlencoded", "form_post is a form"
        assert not arrival.query, f"with form_post nothing is in the address: {[name for name, _ in arrival.query]}"
        given = arrival.form
    else:
        assert arrival.method == "GET", "the answer comes in the query of a redirect"
    values = dict(given)
    assert len(values) == len(given), "no parameter comes twice"
    assert values.get("state") == asked.get("state"), "state comes back byte by byte, and only if it was sent"
    assert values.get("iss", metadata["issuer"]) == metadata["issuer"], "iss is the issuer, exactly"
    if metadata.get("authorization_response_iss_parameter_supported"):
        assert "iss" in values, "iss is in every answer, as the metadata promises"
    return values


def code(values: dict[str, str]) -> str:
    """The code of a success."""
    assert "code" in values, f"a code was promised: {values}"
    assert values.keys() <= SUCCESS, f"a success carries nothing else: {values.keys() - SUCCESS}"
    assert is_unguessable(values["code"]), "a code holds at least 128 bits, and 96 of entropy"
    return values["code"]


def error(values: dict[str, str], allowed: set[str]) -> str:
    """The error of a refusal."""
    assert "code" not in values, "a refusal carries no code"
    assert values.keys() <= FAILURE, f"a refusal carries nothing else: {values.keys() - FAILURE}"
    _legal_texts(values)
    assert values.get("error") in allowed, f"the error is one of {sorted(allowed)}: {values}"
    return values["error"]


def tokens(answer: httpx2.Response, *, needs_id_token: bool = True) -> dict[str, Any]:
    """A successful token response (RFC 6749 §5.1, OIDC Core §3.1.3.3)."""
    assert answer.status_code == 200, f"tokens are answered with 200, not {answer.status_code}: {answer.text[:300]}"
    assert media_type(answer) == "application/json", "tokens come as application/json"
    assert "no-store" in answer.headers.get("cache-control", ""), "tokens are never stored"
    body: dict[str, Any] = answer.json()
    assert str(body.get("token_type")).lower() == "bearer", "the token type is Bearer"
    assert isinstance(body.get("id_token", None if needs_id_token else ""), str), "an ID token is there"
    life = body.get("expires_in")
    assert isinstance(life, int | float), f"expires_in is a JSON number, not {life!r}"
    assert not isinstance(life, bool), "expires_in is a number"
    assert 1 <= life <= YEAR_S, f"an access token lives a second at least, and a year at most: {life}"
    assert VSCHAR.fullmatch(body["access_token"]), "an access token is visible ASCII"
    assert is_unguessable(body["access_token"]), "an access token cannot be guessed"
    return body


def refused(answer: httpx2.Response, error: str, status: int = 400) -> None:
    """A token error response (RFC 6749 §5.2)."""
    assert answer.status_code == status, f"refused with {status}, not {answer.status_code}: {answer.text[:300]}"
    assert media_type(answer) == "application/json", "an error is application/json"
    body = answer.json()
    _legal_texts(body)
    assert body["error"] == error, f"the error is {error}: {body}"
    assert "access_token" not in body, "a refusal gives no token"


def is_told_to_the_person(page: Page) -> None:
    """An HTML page with something to read: what a person looks at when nothing may be redirected."""
    assert media_type(page.response) == "text/html", f"the person gets a page, not {media_type(page.response)}"
    assert 200 <= page.status < 500, f"the page is no accident of the server: {page.status}"
    assert page.heading, "the page has a heading"
    assert len(page.text) > len(page.heading), "the page says what is wrong, or asks"


def _legal_texts(values: dict[str, Any]) -> None:
    for name in ("error", "error_description"):
        assert ERROR_TEXT.fullmatch(values.get(name, "")), f"{name} holds other characters than RFC 6749 allows"
    address = values.get("error_uri")
    assert address is None or (ERROR_URI.fullmatch(address) and is_safe(address)), "error_uri is an address"
