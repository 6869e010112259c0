"""The grants of the token endpoint. Each is a `SyndicBoundGrant`: no grant can forget whose request it answers."""

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from broker.oidc import codes, tokens
from broker.web.syndics import current
from config import secrets
from tenants.clients.registry import RegisteredClient, RegisteredSyndic


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
        return grant_type == "authorization_code"


class Redeemed:
    """A code with its grant, as Authlib asks it."""

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


class SyndicBoundGrant:
    """What no grant may forget: it acts for the syndic of the request, and for a client of that syndic."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
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


class CodeGrant(SyndicBoundGrant, AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """`authorization_code`: consumed before anything is given, once (CONFORMANCE trap 11)."""

    def query_authorization_code(self, code: str, client: OidcClient) -> Redeemed | None:
        """Redeem the code: one UPDATE decides who was first."""
        row = codes.redeem(self.syndic, client.registered.id, code)
        return Redeemed(row) if row else None

    def delete_authorization_code(self, authorization_code: Redeemed) -> None:
        """Nothing: it was consumed when it was found, and is kept to notice a second use."""

    def authenticate_user(self, authorization_code: Redeemed) -> Any:
        """The grant's row stands for the person."""
        return authorization_code.row

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """The answer of RFC 6749 §5.1 with an `id_token` (OIDC Core §3.1.3.3)."""
        row = self.request.authorization_code.row
        access = tokens.access_token(self.syndic, self.client, row)
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": tokens.ACCESS_LIFE_S,
            "scope": row["scope"],
            "id_token": tokens.id_token(self.syndic, self.client, row, access, row["nonce"]),
        }


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
