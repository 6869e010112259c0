"""The proof that a call to the legacy source comes from the broker: a short JWT for this call alone."""

import hashlib
import hmac
import threading
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from demo.published_keys import KeysUnavailableError, PublishedKeys

__all__ = ["ConnectorGuard", "KeysUnavailableError", "TokenRefusedError"]

ALGORITHMS = ["RS256", "ES256"]
LIFETIME = 60  # seconds, the longest that a token may still live


class TokenRefusedError(Exception):
    """The call bears no good token; the text says why, for a log."""


class ConnectorGuard:
    """Checks tokens of one issuer for one audience (RFC 7519 §4.1) and remembers those that it has seen."""

    def __init__(self, *, issuer: str, audience: str, jwks_uri: str) -> None:
        self._keys = PublishedKeys(jwks_uri)
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            jti={"essential": True},
        )

    def check(self, authorization: str, body: bytes) -> None:
        """Accept a header `Bearer <JWT>` for this very `body`, once.

        Raises:
            TokenRefusedError: not signed by the issuer, not for us, too old, too long-lived, seen before, or
                made for another body.
            KeysUnavailableError: whether it is good cannot be told.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise TokenRefusedError("no bearer token")
        try:
            claims = jwt.decode(token.strip(), self._keys.of, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenRefusedError(str(error)) from error
        self._check_body(claims, body)
        self._spend(claims)

    def _check_body(self, claims: dict[str, Any], body: bytes) -> None:
        promised = claims.get("body_sha256")
        made = hashlib.sha256(body).hexdigest()
        if not isinstance(promised, str) or not hmac.compare_digest(promised.encode(), made.encode()):
            raise TokenRefusedError("made for another body")

    def _spend(self, claims: dict[str, Any]) -> None:
        now, token_id, end = time.time(), claims["jti"], claims["exp"]
        if not isinstance(token_id, str) or end > now + LIFETIME:
            raise TokenRefusedError("it lives too long, or has no usable id")
        with self._lock:
            self._seen = {known: until for known, until in self._seen.items() if until > now}
            if token_id in self._seen:
                raise TokenRefusedError("seen before")
            self._seen[token_id] = end
