"""How clients prove who they are (RFC 6749 §2.3, RFC 7523 §3): by their secret, or by a signed assertion."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import g
from joserfc import jwt

from broker.oidc import once, signatures
from broker.oidc.client_keys import keys_of
from broker.oidc.tokens import UNREADABLE
from broker.web.syndics import current
from config import clock, secrets
from tenants.clients.pictures import RegisteredClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
LONGEST_ASSERTION = timedelta(hours=1)
ENDPOINTS = ("token", "par", "introspect", "revoke", "associations")
"""Where clients authenticate, below the issuer."""
LEEWAY_S = 60
"""How far a client's clock may differ from ours."""


class OidcClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A registered client, as Authlib asks it."""

    def __init__(self, registered: RegisteredClient) -> None:
        self.registered = registered

    def get_client_id(self) -> str:
        """The public client identifier."""
        return self.registered.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret: 256 random bits, so one SHA-256 is enough."""
        stored = self.registered.secret_digest
        return stored is not None and secrets.same(stored, secrets.digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - Authlib's signature
        """Whether it authenticates by the registered method, and is not suspended."""
        return self.registered.active and method == self.registered.token_endpoint_auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use this grant."""
        return grant_type in self.registered.grant_types


def by_basic(query_client: Callable[[str], OidcClient | None], request: Any) -> OidcClient | None:
    """`client_secret_basic` (RFC 6749 §2.3.1): the client of one well-formed header with its right secret, or None."""
    name, secret = _pair(request.headers.get("Authorization", ""))
    client = query_client(name) if name else None
    return client if client is not None and client.check_client_secret(secret) else None


def _pair(header: str) -> tuple[str, str]:
    """What a Basic header says (RFC 7617 §2); two empty texts where it is none, or two that a server has joined."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


class ClientAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
    """`private_key_jwt` (OIDC Core §9), with the algorithms named and each assertion good for one use."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __call__(self, query_client: Any, request: Any) -> OidcClient | None:
        """The client that signed; None where the request bears no assertion."""
        assertion = request.form.get("client_assertion", "")
        if request.form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
            return None
        try:
            client = self._client(query_client, assertion)
        except (LookupError, *UNREADABLE) as error:
            raise InvalidClientError(description="the assertion cannot be verified") from error
        if request.form.get("client_id", client.get_client_id()) != client.get_client_id():
            raise InvalidClientError(description="client_id is not who signed (RFC 7521 section 4.2)")
        return client

    def _client(self, query_client: Any, assertion: str) -> OidcClient:
        header, said = self.extract_assertion(assertion)
        client: OidcClient | None = query_client(said["sub"])
        if client is None or not client.check_endpoint_auth_method(self.CLIENT_AUTH_METHOD, "token"):
            raise InvalidClientError(description="the client does not authenticate by an assertion here")
        key = _key(client.registered, header)
        claims = jwt.decode(assertion, key, registry=signatures.REGISTRY).claims
        self.verify_claims(claims)
        return client

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Check what RFC 7523 §3 asks of an assertion, by our own clock.

        Raises:
            InvalidClientError: it was shown before, or lives for too long.
            JoseError: anything else.
        """
        needed: dict[str, Any] = {name: {"essential": True} for name in ("iss", "sub", "aud", "exp", "jti")}
        needed["sub"]["value"] = claims.get("iss")
        needed["aud"]["values"] = self.get_audiences()
        jwt.JWTClaimsRegistry(now=int(clock.now().timestamp()), leeway=LEEWAY_S, **needed).validate(claims)
        if not self.validate_jti(claims, claims["jti"]):
            raise InvalidClientError(description="the assertion was shown before")

    def get_audiences(self) -> list[str]:
        """The issuer, or the endpoints that the assertion may be meant for (RFC 9126 §2)."""
        issuer = current().issuer
        return [issuer, *(f"{issuer}/{endpoint}" for endpoint in ENDPOINTS)]

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Whether it is shown for the first time; it is remembered until it expires, so it must expire soon.

        One request shows it once, even where its view runs again (`broker.web.syndics.rides`).
        """
        if claims["exp"] + LEEWAY_S > (clock.now() + LONGEST_ASSERTION).timestamp():
            raise InvalidClientError(description="exp is more than an hour ahead")
        expires = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY_S)
        shown = (claims["sub"], jti)
        if g.get("shown_assertion") != shown and not once.use(
            "assertion", f"{current().issuer} {claims['sub']}", jti, expires
        ):
            return False
        g.shown_assertion = shown
        return True


def _key(client: RegisteredClient, header: dict[str, Any]) -> Any:
    """The client's key of that `kid`; without one, its only key."""
    keys = keys_of(client, header.get("kid")).keys
    matching = [key for key in keys if key.kid == header["kid"]] if "kid" in header else keys
    if len(matching) != 1:
        raise LookupError("the assertion's kid names none of the client's keys")
    return matching[0]
