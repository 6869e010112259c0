"""The short way of a sign-in: what goes right is answered before Flask has built a request for it.

Every sign-in makes the same three or four requests, and Flask's own work on each costs as much as ours. A lane does
what the view does, by the same services, and says yes or nothing: whatever is not a plain success (a page, a refusal,
a proof to check, an odd encoding) goes to Flask as it came. So no refusal is written twice, and none can be forgotten
here: where a service says no, the lane is silent. Nor does it answer where no statement has told that the picture
of the syndic is current: an unknown token is introspected the long way. (docs/decisions/0014)
"""

import io
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask, g, request
from sqlalchemy import Engine
from werkzeug.datastructures import EnvironHeaders
from werkzeug.sansio.http import parse_cookie

from broker.oidc import answers, codes, discovery, tokens
from broker.oidc.claims import userinfo as claims_of
from broker.oidc.decision import SignIn, decide
from broker.oidc.errors import AuthorizationError, BearerError, Unproved
from broker.oidc.parameters import KNOWN, Parameters, check, proved_client
from broker.oidc.server import FormRequest, server
from broker.oidc.views.blueprint import PUBLIC
from broker.sessions import browser
from broker.web import cookies, headers
from broker.web.telemetry import ENDPOINT
from config import secrets, telemetry
from config.database import db, statements
from tenants.clients.pictures import RegisteredSyndic
from tenants.clients.registry import ConfigurationChangedError, cached, confirmed, recently_checked

Environ = dict[str, Any]
Said = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers, body."""
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024
MOST_FIELDS = 50
FAILED = "trousseau.lane_failed"
COUNTED = "trousseau.lane_counted"
"""Where a lane leaves how its answer is counted, if it comes to that."""
_json = json.JSONEncoder(ensure_ascii=False).encode
ALONE = ("authorization_code", "refresh_token")
"""Grants that the token lane knows."""
NOT_HERE = ("HTTP_DPOP", "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING")
"""Requests with these headers take the long way."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the web server tells it, at one syndic."""

    app: Flask
    engine: Engine
    syndic: RegisteredSyndic
    environ: Environ


class Lanes:
    """WSGI in front of the application."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]], *, https: bool) -> None:
        self._app = app
        self._inner = inner
        self._always = headers.always(https=https)
        with app.app_context():
            self._engine = db.engine

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or let the application answer."""
        said = self._said(environ)
        if said is None:
            return self._inner(environ, start_response)
        status, own, body = said
        if COUNTED in environ:
            environ[COUNTED]()
        environ[ENDPOINT] = "oidc." + environ["PATH_INFO"].rpartition("/")[2]
        start_response(status, [*own, ("Content-Length", str(len(body))), *self._always])
        return (body,)

    def _said(self, environ: Environ) -> Said | None:
        _, _, path = environ["PATH_INFO"].partition("/t/")
        slug, _, endpoint = path.partition("/")
        if endpoint in PUBLISHED and environ["REQUEST_METHOD"] == "GET":
            plain = environ["PATH_INFO"] == f"/t/{path}" and not environ.get("QUERY_STRING")
            return _published(slug, PUBLISHED[endpoint]) if plain else None
        lane = LANES.get((environ["REQUEST_METHOD"], endpoint))
        if lane is None or environ["PATH_INFO"] != f"/t/{slug}/{endpoint}" or any(name in environ for name in NOT_HERE):
            return None
        try:
            begun, syndic = time.monotonic(), cached(slug)
            said = None if syndic is None else lane(Call(self._app, self._engine, syndic, environ))
            return said if syndic is not None and confirmed(syndic, since=begun) else None
        except (ConfigurationChangedError, AuthorizationError, Unproved, BearerError):
            return None
        except Exception as error:  # whatever it is, it has one place where it is told
            environ[FAILED] = error
            return None


def install(app: Flask, *, https: bool) -> None:
    """Put the lanes in front of the application."""
    app.wsgi_app = Lanes(app, app.wsgi_app, https=https)  # type: ignore[method-assign]  # as Flask's own docs do

    @app.before_request
    def _failed() -> None:
        """What broke in a lane is told by the application's error pages, and never tried twice."""
        if FAILED in request.environ:
            raise request.environ[FAILED]


def _published(slug: str, body: Callable[[RegisteredSyndic], str]) -> Said | None:
    """What is the same for everybody: told by a picture that was compared within the last second, as everywhere."""
    syndic = cached(slug)
    if syndic is None or not recently_checked(syndic):
        return None
    return "200 OK", [("Content-Type", "application/json"), *PUBLIC], body(syndic).encode()


def _authorize(call: Call) -> Said | None:
    """A code for a living session, by `query`."""
    syndic, environ = call.syndic, call.environ
    sent, given = parse_cookie(environ.get("HTTP_COOKIE", "")), _fields(environ.get("QUERY_STRING", ""))
    if given is None:
        return None
    parameters = Parameters({name: value for name, value in given.items() if value and name in KNOWN})
    client = proved_client(syndic, parameters)
    check(parameters, client)
    if parameters.response_mode != "query":
        return None
    names = (browser.IDENTITY, browser.legacy_cookie(syndic.slug))
    own, legacy = (secrets.digest(value) if value else None for value in (cookies.value(sent, name) for name in names))
    with statements(call.engine) as sql:
        decision = decide(sql, syndic, client, parameters, tokens=(own, legacy), asked_at=None)
        if not isinstance(decision, SignIn) or decision.legacy:
            return None
        code = codes.issue(sql, syndic, client, parameters, decision)
    if code is None:
        return None
    environ[COUNTED] = partial(telemetry.authorization, "code")
    location = answers.location(syndic, parameters, {"code": code})
    return "302 FOUND", [("Location", location), ("Cache-Control", "no-store")], b""


def _token(call: Call) -> Said | None:
    """Tokens for a client that authenticates by its secret."""
    form = _form(call.environ)
    if form is None or form.get("grant_type") not in ALONE:
        return None
    call.environ[COUNTED] = partial(telemetry.token, form["grant_type"], "ok")
    return _asked_of_authlib(call, form, server.create_token_response)


def _introspect(call: Call) -> Said | None:
    """What a token is worth."""
    form = _form(call.environ)
    return (
        None
        if form is None
        else _asked_of_authlib(call, form, partial(server.create_endpoint_response, "introspection"))
    )


def _userinfo(call: Call) -> Said | None:
    """The claims for a bearer token in the header."""
    syndic = call.syndic
    scheme, _, value = call.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Bearer":
        return None
    token = tokens.read_access_token(syndic, value)
    if token.own or token.jkt is not None:
        return None
    with statements(call.engine) as sql:
        body = _json(claims_of(sql, syndic, token)).encode()
    return "200 OK", [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body


Lane = Callable[[Call], Said | None]
PUBLISHED: dict[str, Callable[[RegisteredSyndic], str]] = {
    ".well-known/openid-configuration": discovery.document,
    "jwks": discovery.jwks,
}
LANES: dict[tuple[str, str], Lane] = {
    ("GET", "authorize"): _authorize,
    ("POST", "token"): _token,
    ("POST", "introspect"): _introspect,
    ("GET", "userinfo"): _userinfo,
}


def _asked_of_authlib(call: Call, form: dict[str, str], ask: Callable[[FormRequest], Any]) -> Said | None:
    """What Authlib answers at this syndic, if it is a success."""
    with call.app.app_context():
        g.syndic = call.syndic
        answer = ask(FormRequest.of(form, EnvironHeaders(call.environ)))
    if answer.status_code != HTTPStatus.OK:
        return None
    own = [(name, value) for name, value in answer.headers if name != "Content-Length"]
    return answer.status, own, answer.get_data()


def _form(environ: Environ) -> dict[str, str] | None:
    """The fields of a plain form; the body can be read again by who comes after."""
    length = environ.get("CONTENT_LENGTH") or ""
    if environ.get("CONTENT_TYPE") != FORM or not length.isdecimal() or int(length) > MOST_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    fields = _fields(body.decode("latin-1"))
    return None if fields is None or "client_assertion" in fields else fields


def _fields(text: str) -> dict[str, str] | None:
    """Names and values of plain text, each name once; None: the long way knows what to say."""
    if not text.isascii() or "%00" in text:
        return None
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None
