"""A provider's published keys (RFC 7517), and the JWTs that they signed."""

import base64
import hashlib
import json
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from tests.conformance.discovery import media_type

KINDS: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
CURVES = {"P-256", "P-384", "P-521", "Ed25519"}
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
SECRET = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def published(http: httpx2.Client, address: str) -> KeySet:
    """The keys at `jwks_uri`, once all their checks hold."""
    answer = http.get(address)
    assert answer.status_code == 200, f"the keys are answered with 200, not {answer.status_code}"
    assert media_type(answer) in {"application/json", "application/jwk-set+json"}, "the keys are JSON"
    keys = answer.json()["keys"]
    assert keys, "there is a key"
    for key in keys:
        _is_public_and_usable(key)
    names = [key["kid"] for key in keys]
    assert len(set(names)) == len(names), f"no two keys share a kid: {names}"
    return KeySet([KINDS[key["kty"]].import_key(key) for key in keys])


def _is_public_and_usable(key: dict[str, Any]) -> None:
    assert not SECRET & key.keys(), f"key {key.get('kid')} holds private members: {SECRET & key.keys()}"
    assert key.get("kty") in KINDS, f"key {key.get('kid')} is of a kind that clients can use"
    assert key.get("crv", "P-256") in CURVES, f"key {key.get('kid')} is on a curve that clients can use"
    assert key.get("alg", "RS256") in ALGORITHMS, f"key {key.get('kid')} is for an algorithm that clients can use"
    assert str(key.get("kid", "")).strip(), "every key has a kid"


def header(token: str) -> dict[str, Any]:
    """The header of a JWT, before anything is verified."""
    return _decoded(token.partition(".")[0])


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, before anything is verified."""
    return _decoded(token.split(".")[1])


def verified(token: str, keys: KeySet, algorithm: str = "RS256") -> dict[str, Any]:
    """The claims of a JWT that one of the published keys signed."""
    head = header(token)
    assert head.get("alg") == algorithm, f"signed with {algorithm}, not {head.get('alg')}"
    assert head.get("kid"), "the header names its key"
    assert head["kid"] in {key.kid for key in keys.keys}, "the key of the header is published"
    return dict(jwt.decode(token, keys, algorithms=[algorithm]).claims)


def unsigned(body: dict[str, Any]) -> str:
    """A JWT of `alg: none` (RFC 7519 §6)."""
    parts = ({"alg": "none"}, body)
    return ".".join([*(_encoded(json.dumps(part).encode()) for part in parts), ""])


def foreign(body: dict[str, Any]) -> str:
    """A JWT signed by a key that no provider has."""
    return jwt.encode({"alg": "RS256", "kid": "foreign"}, body, RSAKey.generate_key(2048), algorithms=["RS256"])


def _decoded(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def s256(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636 §4.2)."""
    return _encoded(hashlib.sha256(verifier.encode("ascii")).digest())
