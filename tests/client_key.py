"""A client's own key: what it publishes, the assertions that it signs (RFC 7523) and its DPoP proofs (RFC 9449)."""

import base64
import hashlib
import json
import secrets
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from config import clock

KINDS: dict[str, tuple[Any, Any]] = {
    "ES256": (ECKey, "P-256"),
    "EdDSA": (OKPKey, "Ed25519"),
    "PS256": (RSAKey, 2048),
    "RS256": (RSAKey, 2048),
    "HS256": (OctKey, 256),
}


class _Quiet(jws.JWSRegistry):
    """Signs by any algorithm; joserfc warns of the older name of Ed25519, which clients go on using."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


ANY = _Quiet(algorithms=[*KINDS, "Ed25519"], strict_check_header=False)


class ClientKey:
    """A key pair of one algorithm."""

    def __init__(self, alg: str = "ES256", kid: str | None = None) -> None:
        self.alg = alg
        self.kid = kid or secrets.token_hex(6)
        made, kind = KINDS[alg]
        self.key = made.generate_key(kind)

    @property
    def public(self) -> dict[str, Any]:
        """The public JWK."""
        return {**self.key.as_dict(private=False), "kid": self.kid}

    @property
    def jwks(self) -> dict[str, Any]:
        """The JWK Set that a client registers or publishes."""
        return {"keys": [self.public]}

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return str(self.key.thumbprint())

    def assertion(self, client_id: str, audience: object, *, header: dict[str, Any] | None = None, **more: Any) -> str:
        """A client assertion; a claim given as None is left out."""
        now = int(clock.now().timestamp())
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 60, **more}
        claims.setdefault("jti", secrets.token_urlsafe(16))
        return self.sign({"alg": self.alg, "kid": self.kid, **(header or {})}, claims)

    def proof(
        self, method: str, address: str, *, token: str = "", header: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """A DPoP proof of this key; a claim given as None is left out."""
        claims = {"htm": method, "htu": address, "iat": int(clock.now().timestamp()), "jti": secrets.token_urlsafe(16)}
        if token:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        public = self.key.as_dict(private=False)
        return self.sign({"alg": self.alg, "typ": "dpop+jwt", "jwk": public, **(header or {})}, {**claims, **more})

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A compact JWS of whatever stands in header and claims."""
        kept = {name: value for name, value in claims.items() if value is not None}
        shown = {name: value for name, value in header.items() if value is not None}
        return jws.serialize_compact(shown, json.dumps(kept), self.key, registry=ANY)
