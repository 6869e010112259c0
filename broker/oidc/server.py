"""Authlib's authorization server, told about syndics: the token endpoint goes through it."""

import json
from typing import Any

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2 import AuthorizationServer
from flask import Response
from flask import request as flask_request

from broker.oidc.grants import CodeGrant, OidcClient, S256Only
from broker.web.syndics import current


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """One object for all syndics: whatever is a syndic's is asked of the request's own."""

    def query_client(self, client_id: str) -> OidcClient | None:
        """The client of this identifier at this syndic; another syndic's does not exist here."""
        registered = current().clients.get(client_id)
        return OidcClient(registered) if registered else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Nothing: the grant was written with the code, and the token only points at it."""

    def create_oauth2_request(self, request: Any) -> FlaskOAuth2Request:  # noqa: ARG002 - Authlib's signature
        """The current request."""
        return FlaskOAuth2Request(flask_request)

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """JSON, never cached (RFC 6749 §5.1)."""
        payload = json.dumps(body) if isinstance(body, dict) else body
        response = Response(payload, status=status, headers=dict(headers))
        response.headers["Cache-Control"] = "no-store"
        return response

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No signals."""


def build() -> Server:
    """The server with its grants."""
    server = Server()
    server.register_grant(CodeGrant, [S256Only(required=False)])
    return server


server = build()
