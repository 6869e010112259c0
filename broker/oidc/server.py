"""Authlib's authorization server, told about syndics: everything that a client authenticates for goes through it."""

import json
from copy import copy
from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from flask import Response, g
from flask import request as flask_request
from werkzeug.datastructures import Headers

from broker.oidc.client_auth import ClientAssertion, OidcClient, by_basic
from broker.oidc.grants import ClientGrant, CodeGrant, RefreshGrant, S256Only
from broker.oidc.standing import Introspection, Revocation
from broker.web.application import Answer
from broker.web.syndics import current

SECURE = "https://issuer"
"""Plain http is refused where settings are read, but for loopback; Authlib asks nothing more of the address."""


class FormPayload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    """The parameters of the body: what stands in an address has been logged on its way (RFC 6749 §2.3.1)."""

    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> dict[str, str]:
        """The form."""
        return self._form

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All values of each name: a repeated one has been refused before."""
        return {name: [value] for name, value in self._form.items()}


class FormRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A client's request, as Authlib asks it. Its address is the issuer's: the Host header is never asked."""

    jkt: str | None = None
    """The thumbprint of the key that a DPoP proof has proved with this request."""

    @classmethod
    def of(cls, form: dict[str, str], headers: Headers) -> "FormRequest":
        """A request with this form; made by copy, since Authlib parses its address each time."""
        made = copy(_BLANK)
        made.headers, made.payload = headers, FormPayload(form)
        return made

    @classmethod
    def current(cls) -> "FormRequest":
        """The request that Flask is answering."""
        made = cls.of(flask_request.form.to_dict(), flask_request.headers)
        made.jkt = g.get("dpop_jkt")
        return made

    @property
    def form(self) -> dict[str, str]:
        """The form."""
        return self.payload.data  # type: ignore[no-any-return]  # Authlib has no types


_BLANK = FormRequest(method="POST", uri=SECURE)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """One object for all syndics: whatever is a syndic's is asked of the request's own."""

    def query_client(self, client_id: str) -> OidcClient | None:
        """The client of this identifier at this syndic; another syndic's does not exist here."""
        registered = current().clients.get(client_id)
        return OidcClient(registered) if registered else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Nothing: the grant was written with the code, and the token only points at it."""

    def create_oauth2_request(self, request: Any) -> FormRequest:
        """The request that is given, or the current one."""
        return request if isinstance(request, FormRequest) else FormRequest.current()

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """JSON, never cached (RFC 6749 §5.1)."""
        payload = json.dumps(body) if isinstance(body, dict) else body
        kept = {name: value for name, value in headers if name not in {"Cache-Control", "Content-Type"}}
        return Answer(payload, status, {**kept, "Cache-Control": "no-store"}, content_type="application/json")

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No signals."""


def build() -> Server:
    """The server with its grants, its endpoints and its ways to authenticate a client."""
    server = Server()
    server.register_client_auth_method("client_secret_basic", by_basic)
    server.register_client_auth_method("private_key_jwt", ClientAssertion())
    server.register_grant(CodeGrant, [S256Only(required=False)])
    server.register_grant(RefreshGrant)
    server.register_grant(ClientGrant)
    server.register_endpoint(Introspection)
    server.register_endpoint(Revocation)
    return server


server = build()
