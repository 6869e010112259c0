"""What a token is worth now, and its end: introspection (RFC 7662) and revocation (RFC 7009)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from broker.oidc import once, queries, refresh, tokens
from broker.oidc.client_auth import METHODS, OidcClient
from broker.oidc.codes import current_version
from broker.oidc.errors import BearerError
from broker.oidc.refresh import RefreshToken
from broker.oidc.tokens import AccessToken
from broker.web.syndics import current
from config import clock
from config.database import statements
from tenants.clients.pictures import RegisteredClient
from tenants.clients.registry import confirm

PARTS_OF_A_JWT = 3
"""A refresh token is no JWT and has no dot."""
Token = AccessToken | RefreshToken


@dataclass(frozen=True)
class Standing:
    """A genuine token of this issuer, with the client that it was given to."""

    token: Token
    client: RegisteredClient

    def check_client(self, client: OidcClient) -> bool:
        """Whether it was given to this client."""
        return self.client.id == client.registered.id


def _read(text: str, asking: OidcClient) -> Standing | None:
    """A refresh token is known by its own client only; an access token by every client of the issuer."""
    if text.count(".") != PARTS_OF_A_JWT - 1:
        token = refresh.read(current(), asking.registered, text)
        return Standing(token, asking.registered) if token is not None else None
    try:
        access = tokens.read_access_token(current(), text)
    except BearerError:
        return None
    client = current().clients.get(access.client_id)
    return Standing(access, client) if client else None


class _OfIssuer:
    """What both endpoints share: a hint of the token's type is not needed, so an unknown one is ignored."""

    CLIENT_AUTH_METHODS = METHODS

    def check_params(self, request: Any, client: OidcClient) -> None:  # noqa: ARG002 - Authlib's signature
        """A token must be given."""
        if not request.form.get("token"):
            raise InvalidRequestError("token is missing")

    def authenticate_token(self, request: Any, client: OidcClient) -> Standing | None:
        """The token, if it is genuine."""
        self.check_params(request, client)
        return _read(request.form["token"], client)


class Introspection(_OfIssuer, IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """RFC 7662: any client of the syndic may ask what an access token of this issuer is worth now."""

    def create_introspection_payload(self, token: Standing | None) -> dict[str, Any]:
        """What RFC 7662 §2.2 says of a token; only `active: false` of one that is not worth anything."""
        found = _worth(token) if token else None
        if token is None or found is None:
            return {"active": False}
        issuer = current().issuer
        told = {"active": True, "client_id": token.client.client_id, "iss": issuer, **found}
        access = token.token
        if isinstance(access, AccessToken):
            bound = {"cnf": {"jkt": access.jkt}} if access.jkt else {}
            kind = "DPoP" if access.jkt else "Bearer"
            told |= {"token_type": kind, "aud": issuer, "sub": access.sub, "iat": access.issued_at, **bound}
            told |= {"scope": " ".join(sorted(access.scopes)), "exp": access.expires_at, "jti": access.jti}
        return told


class Revocation(_OfIssuer, RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """RFC 7009: the end of a token is the end of its grant, with all its tokens."""

    def authenticate_token(self, request: Any, client: OidcClient) -> Standing | None:
        """The token, if it is genuine and this client's; another's is none of its business (§2.1)."""
        found = super().authenticate_token(request, client)
        return found if found is not None and found.check_client(client) else None

    def revoke_token(self, token: Standing, request: Any) -> None:  # noqa: ARG002 - Authlib's signature
        """End it at once: for whom the current configuration knows, since nothing brings it back."""
        known = token.token
        with statements() as sql:
            confirm(current(), current_version(sql, current()))
        if isinstance(known, AccessToken) and known.own:
            once.use("revoked", current().issuer, known.jti, datetime.fromtimestamp(known.expires_at, UTC))
            return
        with statements() as sql:
            sql.execute(queries.REVOKE_FAMILY, {**_of(known.grant), "client": token.client.id})


def _worth(standing: Standing) -> dict[str, Any] | None:
    """What the grant says of the token now; None: nothing any more."""
    token = standing.token
    if isinstance(token, AccessToken) and token.own:
        revoked = once.is_used("revoked", current().issuer, token.jti)
        return {} if standing.client.active and not revoked else None
    with statements() as sql:
        row = sql.execute(queries.STATE, _of(token.grant)).fetchone()
    if row is None:
        return None
    confirm(current(), row["version"])
    if not standing.client.active:
        return None
    if isinstance(token, AccessToken):
        return {}
    if token.generation <= row["refreshed_generation"]:
        return None
    return {"scope": row["scope"], "exp": int(row["expires_at"].timestamp())}


def _of(grant: uuid.UUID) -> dict[str, Any]:
    return {"grant": grant, "syndic": current().id, "now": clock.now()}
