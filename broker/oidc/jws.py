"""Compact JWS (RFC 7515 §7.1) for the tokens that we sign ourselves and read again ourselves.

Our headers are ours alone: `alg`, `kid`, `typ`, in that order. So a header is made once for each key, and a token
of ours is known by bearing one of these very texts: none is parsed, and nothing in it is believed. Everybody else's
tokens (assertions, DPoP proofs) are joserfc's work (docs/decisions/0012).
"""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from config.secrets import same
from tenants.clients.pictures import RegisteredKey

HALF = 32
"""Bytes of each half of an ES256 signature (RFC 7518 §3.4)."""
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def sign(key: RegisteredKey, claims: dict[str, Any], kind: str) -> str:
    """A compact JWT of that `typ`, by the key's own algorithm: RS256 or ES256."""
    text = _header(key.alg, key.kid, kind) + b"." + _encode(_json(claims).encode("ascii"))
    return (text + b"." + _encode(_signature(key, text))).decode("ascii")


def own_claims(key: RegisteredKey, token: str, kind: str) -> dict[str, Any] | None:
    """The claims of a token that this key signed as that `typ`, known by signing it again; None: it did not.

    ES256 is deterministic as we use it (RFC 6979), and signing costs half of what verifying does. A key whose private
    half is erased has no token left that is alive.
    """
    text, _, signature = token.rpartition(".")
    header, _, payload = text.partition(".")
    if key.sealed is None or header.encode("ascii", "replace") != _header(key.alg, key.kid, kind):
        return None
    again = _encode(_signature(key, text.encode("ascii", "replace"))).decode("ascii")
    return json.loads(_decode(payload)) if same(signature, again) else None


def claims_of(key: RegisteredKey, token: str, kind: str) -> dict[str, Any] | None:
    """The claims of a token that this key signed as that `typ`; None: it did not.

    Raises:
        ValueError: what was signed is not JSON: not by us.
    """
    header, _, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    if header.encode("ascii", "replace") != _header(key.alg, key.kid, kind):
        return None
    try:
        _verify(key, f"{header}.{payload}".encode("ascii"), _decode(signature))
    except (InvalidSignature, ValueError):
        return None
    claims = json.loads(_decode(payload))
    return claims if isinstance(claims, dict) else None


@lru_cache(maxsize=20_000)
def _header(alg: str, kid: str, kind: str) -> bytes:
    return _encode(_json({"alg": alg, "kid": kid, "typ": kind}).encode("ascii"))


def _signature(key: RegisteredKey, text: bytes) -> bytes:
    private = key.private
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(text, padding.PKCS1v15(), SHA256())
    r, s = utils.decode_dss_signature(private.sign(text, _ES256))
    return r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")


def _verify(key: RegisteredKey, text: bytes, signature: bytes) -> None:
    public = key.public
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, text, padding.PKCS1v15(), SHA256())
        return
    if len(signature) != 2 * HALF:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:HALF], "big"), int.from_bytes(signature[HALF:], "big")
    public.verify(utils.encode_dss_signature(r, s), text, ec.ECDSA(SHA256()))


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(text: str) -> bytes:
    """Raises ValueError where the text is not base64url without padding (RFC 7515 §2)."""
    if "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
