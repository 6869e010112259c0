"""ID tokens (OIDC Core §2) and access tokens (RFC 9068), signed with the syndic's own keys."""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError

from broker.oidc import jws
from broker.oidc.errors import BearerError
from config import clock, secrets
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic

ACCESS_LIFE_S = 300
ID_TOKEN_LIFE_S = 600
ACCESS_ALG = "ES256"
ACCESS_TYPE = "at+jwt"
KNOWN = 4096
"""Digests of tokens that are remembered in a process (some 3 MiB)."""
UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading a token of somebody else's may raise."""


@dataclass(frozen=True)
class AccessToken:
    """What a genuine access token says. `grant` is the nil UUID where a client acts for itself."""

    grant: uuid.UUID
    client_id: str
    sub: str
    scopes: frozenset[str]
    jti: str
    issued_at: int
    expires_at: int
    jkt: str | None
    """The thumbprint of the key that must be proved with it (RFC 9449 §6.1)."""

    @property
    def own(self) -> bool:
        """Whether the client acts for itself, not for a person."""
        return self.grant.int == 0


def access_token(
    syndic: RegisteredSyndic, client: RegisteredClient, grant: dict[str, Any], *, jkt: str | None = None
) -> str:
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
    if jkt:
        claims["cnf"] = {"jkt": jkt}
    return jws.sign(syndic.signing_key(ACCESS_ALG), claims, ACCESS_TYPE)


def id_token(
    syndic: RegisteredSyndic,
    client: RegisteredClient,
    grant: dict[str, Any],
    access: str,
    *,
    nonce: str | None = None,
    asked: dict[str, Any] | None = None,
) -> str:
    """Who signed in, when and how. Personal claims are userinfo's, but for those `asked` by the `claims` parameter."""
    now = int(clock.now().timestamp())
    claims = {
        **(asked or {}),
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
    return jws.sign(syndic.signing_key(client.id_token_signed_response_alg), claims, "JWT")


def read_access_token(syndic: RegisteredSyndic, token: str) -> AccessToken:
    """What an access token of this issuer says.

    A token that this process has just known is known again by its digest; that its key still stands, and that it has
    not expired, is asked each time.

    Raises:
        BearerError: not signed by this issuer, expired, or not an access token (RFC 9068 §4).
    """
    if not token.isascii():
        raise BearerError("invalid_token")
    digest = secrets.digest(token)
    found = _known.get(digest) or _read(syndic, token)
    if found is None or found.issuer != syndic.issuer or found.said.expires_at <= clock.now().timestamp():
        raise BearerError("invalid_token")
    if not any(key.kid == found.kid and not key.revoked for key in syndic.keys):
        raise BearerError("invalid_token")
    if len(_known) >= KNOWN:
        _known.clear()
    _known[digest] = found
    return found.said


@dataclass(frozen=True)
class _Read:
    """A genuine token: what it says, by which key, of which issuer."""

    said: AccessToken
    kid: str
    issuer: str


_known: dict[bytes, _Read] = {}


def _read(syndic: RegisteredSyndic, token: str) -> _Read | None:
    for key in syndic.keys:
        if key.alg == ACCESS_ALG and not key.revoked:
            claims = jws.own_claims(key, token, ACCESS_TYPE)
            if claims is not None:
                return _Read(_said(claims), key.kid, claims["aud"])
    return None


def _said(claims: dict[str, Any]) -> AccessToken:
    return AccessToken(
        grant=uuid.UUID(claims["grant"]),
        client_id=claims["client_id"],
        sub=claims["sub"],
        scopes=frozenset(claims["scope"].split()),
        jti=claims["jti"],
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        jkt=(claims.get("cnf") or {}).get("jkt"),
    )


def _half_hash(token: str) -> str:
    """`at_hash` (OIDC Core §3.1.3.6) for algorithms on SHA-256."""
    half = hashlib.sha256(token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
