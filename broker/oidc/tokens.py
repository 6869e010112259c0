"""ID tokens (OIDC Core §2) and access tokens (RFC 9068), signed with the syndic's own keys."""

import base64
import hashlib
import uuid
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from broker.oidc.errors import BearerError
from config import clock, secrets
from tenants.clients.registry import RegisteredClient, RegisteredKey, RegisteredSyndic

ACCESS_LIFE_S = 300
ID_TOKEN_LIFE_S = 600
ACCESS_ALG = "ES256"
ACCESS_TYPE = "at+jwt"


def access_token(syndic: RegisteredSyndic, client: RegisteredClient, grant: dict[str, Any]) -> str:
    """A JWT whose audience is this issuer; the grant is asked again at each use."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": syndic.issuer,
        "aud": syndic.issuer,
        "sub": grant["sub"],
        "client_id": client.client_id,
        "scope": grant["scope"],
        "iat": now,
        "exp": now + ACCESS_LIFE_S,
        "jti": secrets.token(),
        "grant": str(grant["id"]),
    }
    return _signed(syndic.signing_key(ACCESS_ALG), claims, ACCESS_TYPE)


def id_token(
    syndic: RegisteredSyndic, client: RegisteredClient, grant: dict[str, Any], access: str, nonce: str | None
) -> str:
    """Who signed in, when and how. Personal claims are userinfo's."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": syndic.issuer,
        "sub": grant["sub"],
        "aud": client.client_id,
        "iat": now,
        "exp": now + ID_TOKEN_LIFE_S,
        "auth_time": int(grant["auth_time"].timestamp()),
        "acr": grant["acr"],
        "amr": grant["amr"],
        "sid": grant["sid"],
        "at_hash": _half_hash(access),
    }
    if nonce:
        claims["nonce"] = nonce
    return _signed(syndic.signing_key(client.id_token_signed_response_alg), claims, "JWT")


def grant_of(syndic: RegisteredSyndic, token: str) -> uuid.UUID:
    """The grant of an access token of this issuer.

    Raises:
        BearerError: not signed by this issuer, expired, or not an access token (RFC 9068 §4).
    """
    try:
        decoded = jwt.decode(token, _verifying_key(syndic, token), algorithms=[ACCESS_ALG])
    except (JoseError, ValueError, TypeError, KeyError, UnicodeError) as error:
        raise BearerError("invalid_token") from error
    claims = decoded.claims
    expired = claims.get("exp", 0) <= clock.now().timestamp()
    if decoded.header.get("typ") != ACCESS_TYPE or claims.get("aud") != syndic.issuer or expired:
        raise BearerError("invalid_token")
    return uuid.UUID(claims["grant"])


def _verifying_key(syndic: RegisteredSyndic, token: str) -> ECKey:
    header = jwt_header(token)
    for key in syndic.keys:
        if key.kid == header.get("kid") and key.alg == ACCESS_ALG and key.state != "revoked":
            return ECKey.import_key(dict(key.public_jwk))
    raise KeyError("no such key at this issuer")


def jwt_header(token: str) -> dict[str, Any]:
    """The unverified header of a JWT, to find its key.

    Raises:
        ValueError: it has none.
    """
    import json

    part = token.split(".", 1)[0]
    header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(header, dict):
        raise TypeError("a JWT's header is an object")
    return header


def _signed(key: RegisteredKey, claims: dict[str, Any], kind: str) -> str:
    return jwt.encode({"alg": key.alg, "kid": key.kid, "typ": kind}, claims, key.private, algorithms=[key.alg])


def _half_hash(token: str) -> str:
    """`at_hash` (OIDC Core §3.1.3.6) for algorithms on SHA-256."""
    half = hashlib.sha256(token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
