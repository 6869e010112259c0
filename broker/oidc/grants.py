"""The grants of the token endpoint. Each is a `SyndicBoundGrant`: no grant can forget whose request it answers."""

import uuid
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from broker.oidc import claims, codes, refresh, tokens
from broker.oidc.client_auth import METHODS, OidcClient
from broker.web.syndics import current
from config.database import statements
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic


class Redeemed:
    """A grant that a code or a refresh token has redeemed, as Authlib asks it."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.code_challenge = row["code_challenge"]
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """The redirect URI of the authorization request."""
        return str(self.row["redirect_uri"])

    def get_scope(self) -> str:
        """The granted scope."""
        return str(self.row["scope"])

    def check_client(self, client: OidcClient) -> bool:
        """Whether it is this client's."""
        return bool(self.row["client_id"] == client.registered.id)


class SyndicBoundGrant:
    """What no grant may forget: it acts for the syndic of the request, and for a client of that syndic.

    And where the client must prove a key with its tokens (RFC 9449), no token goes out that is not bound to one.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    request: Any

    @property
    def syndic(self) -> RegisteredSyndic:
        """The syndic at whose endpoint this request came in."""
        return current()

    @property
    def client(self) -> RegisteredClient:
        """The authenticated client. `query_client` looks among this syndic's clients only."""
        registered = self.request.client.registered
        assert isinstance(registered, RegisteredClient)  # noqa: S101 - Authlib has no types
        return registered

    def authenticate_token_endpoint_client(self) -> OidcClient:
        """The client, by the method it is registered with, and with the proof that it owes."""
        client: OidcClient = super().authenticate_token_endpoint_client()  # type: ignore[misc]  # Authlib's mixin
        if client.registered.dpop_bound_access_tokens and self.request.jkt is None:
            raise InvalidRequestError("this client must send a DPoP proof")
        return client

    def issued(self, row: dict[str, Any], scope: str) -> dict[str, Any]:
        """The access token with what RFC 6749 §5.1 says of it."""
        access = tokens.access_token(self.syndic, self.client, {**row, "scope": scope}, jkt=self.request.jkt)
        kind = "DPoP" if self.request.jkt else "Bearer"
        return {"token_type": kind, "access_token": access, "expires_in": tokens.ACCESS_LIFE_S, "scope": scope}

    def identified(self, row: dict[str, Any], answer: dict[str, Any], nonce: str | None = None) -> dict[str, Any]:
        """The same answer with its ID token (OIDC Core §3.1.3.3, §12.2)."""
        asked = {}
        if (row["claims"] or {}).get("id_token"):
            with statements() as sql:
                asked = claims.for_id_token(sql, self.syndic, row["id"])
        access = answer["access_token"]
        answer["id_token"] = tokens.id_token(self.syndic, self.client, row, access, nonce=nonce, asked=asked)
        return answer


class CodeGrant(SyndicBoundGrant, AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """`authorization_code`: consumed before anything is given, once (RFC 6749 §4.1.2)."""

    def query_authorization_code(self, code: str, client: OidcClient) -> Redeemed | None:
        """Redeem the code: one UPDATE decides who was first."""
        row = codes.redeem(self.syndic, client.registered, code)
        if row is None or row["dpop_jkt"] not in {None, self.request.jkt}:
            return None
        return Redeemed(row)

    def delete_authorization_code(self, authorization_code: Redeemed) -> None:
        """Nothing: it was consumed when it was found, and is kept to notice a second use."""

    def authenticate_user(self, authorization_code: Redeemed) -> Any:
        """The grant's row stands for the person."""
        return authorization_code.row

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """The answer of RFC 6749 §5.1; a refresh token where offline access was granted."""
        row = self.request.authorization_code.row
        answer = self.identified(row, self.issued(row, row["scope"]), row["nonce"])
        if codes.OFFLINE in row["scope"].split():
            answer["refresh_token"] = refresh.make(self.syndic, self.client, row["id"], 1)
        return answer


class RefreshGrant(SyndicBoundGrant, RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """`refresh_token`, with rotation: see `broker.oidc.refresh`."""

    def authenticate_refresh_token(self, refresh_token: str) -> Redeemed:
        """Use the token: one UPDATE decides."""
        scope = self.request.payload.scope or ""
        try:
            row = refresh.use(self.syndic, self.client, refresh_token, scope.split())
        except refresh.TooMuch as error:
            raise InvalidScopeError() from error
        if row is None:
            raise InvalidGrantError()
        return Redeemed(row)

    def authenticate_user(self, refresh_token: Redeemed) -> Any:
        """The grant's row stands for the person."""
        return refresh_token.row

    def revoke_old_credential(self, refresh_token: Redeemed) -> None:
        """Nothing: it was used up when it was found."""

    def generate_token(self, scope: str, **_: Any) -> dict[str, Any]:
        """A new access token, ID token (same `auth_time`, OIDC Core §12.2) and successor."""
        row = self.request.refresh_token.row
        answer = self.identified(row, self.issued(row, scope))
        answer["refresh_token"] = refresh.make(self.syndic, self.client, row["id"], row["generation"])
        return answer


class ClientGrant(SyndicBoundGrant, ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """`client_credentials`: a client acts for itself. The token opens nothing of any person's."""

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """An access token without scope."""
        own = {"id": uuid.UUID(int=0), "sub": self.client.client_id}
        answer = self.issued(own, "")
        del answer["scope"]
        return answer


class S256Only(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE without `plain`; a challenge that was given must be met (RFC 9700 §2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Check the verifier; one that fails has cost the code."""
        try:
            super().validate_code_verifier(grant, result)
        except InvalidRequestError as error:
            raise InvalidGrantError(error.description) from error
