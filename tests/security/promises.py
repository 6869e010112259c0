"""What holds for every answer, whatever was asked."""

import re
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from tests.security.stage import Stage
from tests.security.wire import Reply, Wire

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
"""RFC 6749 §4.1.2.1, §5.2."""
ERRORS = {"error", "error_description", "state", "iss"}
TOKEN_ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "invalid_dpop_proof", "use_dpop_nonce",
}  # fmt: skip
REQUEST_ERRORS = {"unsupported_response_type", "request_not_supported", "request_uri_not_supported"}
"""A pushed request fails like any authorization request (RFC 9126 §2.3)."""
CLIENTS_OWN = {"token", "introspect", "revoke", "par", "associations"}


def hold(stage: Stage, asked: Wire, got: Reply) -> None:
    """Check an answer."""
    said = f"{asked!r}"[:3000]
    assert 200 <= got.status < 500, f"no request makes the service fail: {got.status} {got.text[:200]} for {said}"
    assert got.broken == [], f"headers are printable lines: {got.broken} for {said}"
    assert "injected" not in str(got.headers).lower() or got.header("Location"), f"a header was injected by {said}"
    assert not {"x-injected"} & {name.lower() for name, _ in got.headers}, f"a header was injected by {said}"
    if "html" in got.header("Content-Type"):
        assert b"<x-injected" not in got.body, f"what comes in goes out escaped: {said}"
        assert b"<img src=x" not in got.body, f"what comes in goes out escaped: {said}"
    if b'<form id="answer"' in got.body:
        _posted(stage, asked, got, said)
    if got.header("Location"):
        _redirect(stage, asked, got, said)
    if asked.path.rsplit("/", 1)[-1] in CLIENTS_OWN and got.status >= 400 and "json" in got.header("Content-Type"):
        of_client(got, asked)


def of_client(got: Reply, asked: Wire) -> None:
    """RFC 6749 §5.2."""
    error, said = got.json(), f"{asked!r}"[:3000]
    known = TOKEN_ERRORS | (REQUEST_ERRORS if asked.path.endswith("/par") else set())
    assert set(error) <= {"error", "error_description"}, said
    assert error["error"] in known, f"{error} for {said}"
    assert DESCRIPTION.fullmatch(error.get("error_description", "")), f"{error} for {said}"
    assert got.header("Cache-Control") == "no-store", said
    assert got.status in {400, 401}, said
    basic = any(value.lower().startswith(b"basic ") for value in asked.sent("headers", b"Authorization"))
    if error["error"] == "invalid_client" and basic:
        assert got.status == 401, f"who tried Basic gets 401: {said}"
    if got.status == 401:
        assert got.header("WWW-Authenticate").startswith("Basic "), said


def _redirect(stage: Stage, asked: Wire, got: Reply, said: str) -> None:
    target = got.header("Location")
    assert target.isascii(), said
    parts = urlsplit(target)
    if not parts.netloc or target.startswith(f"{stage.base}/"):
        assert not target.startswith("//"), f"an own address stays at home: {said}"
        return
    own = {stage.syndic.redirect_uri, "http://127.0.0.1:9999/login", "http://127.0.0.1:9999/logged-out"}
    bare = parts._replace(query="", fragment="").geturl()
    assert bare in own, f"only to registered addresses, not {target[:200]!r}: {said}"
    assert not parts.fragment, said
    if bare == stage.syndic.redirect_uri:
        answered(stage, asked, got.query, said)


def _posted(stage: Stage, asked: Wire, got: Reply, said: str) -> None:
    form = BeautifulSoup(got.text, "html.parser").find("form", id="answer")
    assert isinstance(form, Tag), said
    assert form["action"] == stage.syndic.redirect_uri, f"only to the registered address: {said}"
    fields = [(str(field["name"]), str(field["value"])) for field in form.find_all("input")]
    answered(stage, asked, fields, said)


def answered(stage: Stage, asked: Wire, answer: list[tuple[str, str]], said: str) -> None:
    """An authorization answer: a code, or an error (RFC 6749 §4.1.2, RFC 9207)."""
    values = dict(answer)
    assert len(values) == len(answer), f"each parameter once: {answer} for {said}"
    assert values["iss"] == stage.syndic.issuer, said
    if "error" in values:
        assert set(values) <= ERRORS, f"an error carries nothing more: {values} for {said}"
        assert DESCRIPTION.fullmatch(values.get("error_description", "")), f"{values} for {said}"
    else:
        assert set(values) <= {"code", "state", "iss"}, f"{values} for {said}"
    if urlsplit(asked.path).path.endswith("/authorize"):
        _state(asked, values, said)


def _state(asked: Wire, values: dict[str, str], said: str) -> None:
    sent = asked.sent("query", b"state")
    if len(sent) == 1 and type(sent[0]) is bytes and _is_text(sent[0]) and not asked.sent("query", b"request_uri"):
        came_back = values.get("state", "").encode()
        assert came_back == sent[0], f"state comes back as it was sent, not {came_back[:100]!r}: {said}"


def _is_text(value: bytes) -> bool:
    """RFC 6749 appendix A.5 knows ASCII only; we carry all of UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
