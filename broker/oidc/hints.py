"""ID tokens that come back as hints: verified with this issuer's own keys, retired ones too; expiry is no matter."""

from dataclasses import dataclass
from typing import Any

from broker.oidc import jws
from tenants.clients.pictures import RegisteredSyndic


@dataclass(frozen=True)
class Hint:
    """What a verified hint says."""

    sub: str
    sid: str
    client_ids: tuple[str, ...]


def read(syndic: RegisteredSyndic, token: str) -> Hint | None:
    """The hint, or None: not ours, changed, unsigned, or another issuer's (OIDC Core §3.1.2.1)."""
    if not token:
        return None
    for key in syndic.keys:
        claims = None if key.revoked else jws.claims_of(key, token, "JWT")
        if claims is not None:
            return _hint(claims) if claims.get("iss") == syndic.issuer else None
    return None


def subject(syndic: RegisteredSyndic, token: str) -> str | None:
    """The subject of a hint."""
    hint = read(syndic, token)
    return hint.sub if hint else None


def _hint(claims: dict[str, Any]) -> Hint:
    audience = claims.get("aud", [])
    clients = (audience,) if isinstance(audience, str) else tuple(map(str, audience))
    return Hint(str(claims.get("sub", "")), str(claims.get("sid", "")), clients)
