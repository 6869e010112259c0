"""Compact JWS (RFC 7515 §7.1) for the tokens that we sign ourselves and read again ourselves.

Our headers are ours alone: `alg`, `kid`, `typ`, in that order. So a header is made once for each key, and a token
of ours is known by bearing one of these very texts: none is parsed, and nothing in it is believed. Everybody else's
tokens (assertions, DPoP proofs) are joserfc's work (docs/decisions/0012).
"""

import base64
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from config.secrets import mac, random_bytes, same
from tenants.clients.pictures import RegisteredKey

HALF = 32
"""Bytes of each half of an ES256 signature (RFC 7518 §3.4)."""
SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
"""An ES256 signature as it stands in a token."""
SALT = 16
_JTI, _END = ',"jti":"', '"}'
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def sign(key: RegisteredKey, claims: dict[str, Any], kind: str) -> str:
    """A compact JWT of that `typ`, by the key's own algorithm: RS256 or ES256."""
    text = _header(key.alg, key.kid, kind) + b"." + _encode(_json(claims).encode("ascii"))
    return (text + b"." + _encode(_signature(key, text))).decode("ascii")


def sign_sealed(key: RegisteredKey, claims: dict[str, Any], kind: str, secret: bytes) -> str:
    """The same, with a last claim `jti`: 128 random bits and a MAC over header and claims, for `sealed_claims`."""
    header, salt = _header(key.alg, key.kid, kind), random_bytes(SALT)
    core = _json(claims)[:-1]
    seal = _encode(salt + _seal(secret, header, core, salt)).decode("ascii")
    text = header + b"." + _encode(f'{core}{_JTI}{seal}"}}'.encode("ascii"))
    return (text + b"." + _encode(_signature(key, text))).decode("ascii")


def sealed_claims(keys: Iterable[RegisteredKey], token: str, kind: str, secret: bytes) -> dict[str, Any] | None:
    """The claims of a token that one of these keys signed as that `typ`, by the MAC in its `jti`; None: none did.

    The signature need only look like one, it is for everybody else: whoever has the secret needs no public key, and
    whoever stole the private key has not the secret.
    """
    header, _, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    if not SIGNATURE.fullmatch(signature):
        return None
    try:
        text = _decode(payload).decode("ascii")
        core, _, seal = text.removesuffix(_END).rpartition(_JTI)
        raw = _decode(seal)
    except ValueError:
        return None
    known = header.encode("ascii", "replace")
    if not text.endswith(_END) or all(known != _header(key.alg, key.kid, kind) for key in keys):
        return None
    return json.loads(text) if same(raw[SALT:], _seal(secret, known, core, raw[:SALT])) else None


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


def _seal(secret: bytes, header: bytes, core: str, salt: bytes) -> bytes:
    return mac(secret, salt + header + b"." + core.encode("ascii"))


@lru_cache(maxsize=20_000)
def _header(alg: str, kid: str, kind: str) -> bytes:
    return _encode(_json({"alg": alg, "kid": kid, "typ": kind}).encode("ascii"))


def _signature(key: RegisteredKey, text: bytes) -> bytes:
    private = key.private
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(text, padding.PKCS1v15(), SHA256())
    r, s = utils.decode_dss_signature(private.sign(text, ec.ECDSA(SHA256())))
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
