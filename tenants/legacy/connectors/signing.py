"""The connector key: ours for one syndic's source, and what each call to it is signed with."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from config import clock, secrets
from config.settings import settings

ALGORITHM = "ES256"
LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True)
class ConnectorKey:
    """A fresh key pair. `sealed`: PKCS#8 DER, encrypted in the context `connector-key:{key_id}`."""

    key_id: str
    public_jwk: dict[str, Any]
    sealed: bytes


def make_key() -> ConnectorKey:
    """A new ES256 key pair under a random id."""
    key_id = secrets.token()[:16]
    key = ECKey.generate_key("P-256", {"kid": key_id, "alg": ALGORITHM, "use": "sig"}, private=True)
    sealed = settings().keys.encrypt(key.as_der(private=True), _context(key_id))
    return ConnectorKey(key_id, dict(key.as_dict(private=False)), sealed)


@dataclass(frozen=True)
class Signer:
    """Signs calls as one issuer to one source (RFC 7519; the claims are DESIGN section 6's)."""

    issuer: str
    audience: str
    key_id: str
    sealed: bytes

    def bearer(self, body: bytes) -> str:
        """A token for one call with this body (empty for none)."""
        now = clock.now()
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": secrets.token(),
            "body_sha256": hashlib.sha256(body).hexdigest(),
        }
        key = _opened(self.key_id, self.sealed)
        return jwt.encode({"alg": ALGORITHM, "kid": self.key_id}, claims, key, algorithms=[ALGORITHM])


@lru_cache(maxsize=256)
def _opened(key_id: str, sealed: bytes) -> ECKey:
    return ECKey.import_key(settings().keys.decrypt(sealed, _context(key_id)))


def _context(key_id: str) -> str:
    return f"connector-key:{key_id}"
