"""Demonstrating proof of possession (RFC 9449): the proofs that clients send with a token request or a token."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.jwk import JWKRegistry

from broker.oidc import once, signatures, strict_json
from broker.oidc.tokens import UNREADABLE
from config import clock, secrets
from config.settings import settings

TYPE = "dpop+jwt"
NONCE_S = 300
"""A nonce serves for this long, and for as long again."""
SKEW_S = 60
LONGEST = 4096


class BadProof(Exception):  # noqa: N818 - an answer to the client
    """`invalid_dpop_proof`, or `use_dpop_nonce` where only the nonce is missing or old."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Proof:
    """A proof as it came, for one method and address."""

    text: str
    method: str
    address: str


def nonce() -> str:
    """The nonce that proofs must bear now: it says only its time, so nothing is stored of it."""
    return _nonce_of(int(clock.now().timestamp()) // NONCE_S)


def thumbprint(proof: Proof, *, access_token: str | None = None) -> str:
    """Check a proof (RFC 9449 §4.3), once, and return its key's thumbprint (RFC 7638).

    Raises:
        BadProof: it does not hold, or bears no nonce of ours.
    """
    try:
        claims, key = _read(proof.text)
        _check(claims, proof, access_token)
        return _shown(claims, str(key.thumbprint()))
    except UNREADABLE as error:
        raise BadProof("invalid_dpop_proof", "the proof cannot be read") from error


def _check(claims: dict[str, Any], proof: Proof, access_token: str | None) -> None:
    if claims.get("htm") != proof.method or _bare(claims.get("htu")) != _bare(proof.address):
        raise BadProof("invalid_dpop_proof", "htm or htu is not this request's")
    if access_token is not None and claims.get("ath") != _hash(access_token):
        raise BadProof("invalid_dpop_proof", "ath is not this token's hash")
    _check_nonce(claims.get("nonce"))
    issued = claims.get("iat")
    if not isinstance(issued, int) or abs(int(clock.now().timestamp()) - issued) > SKEW_S + 2 * NONCE_S:
        raise BadProof("invalid_dpop_proof", "iat is too far from now")


def _shown(claims: dict[str, Any], owner: str) -> str:
    """The owner of a proof that is shown for the first time."""
    jti, kept = claims.get("jti"), clock.now() + timedelta(seconds=2 * (SKEW_S + 2 * NONCE_S))
    if not isinstance(jti, str) or not jti or not once.use("dpop", owner, jti, kept):
        raise BadProof("invalid_dpop_proof", "jti is missing, or was used before")
    return owner


def _read(text: str) -> tuple[dict[str, Any], Any]:
    """The claims, by the public key that the proof itself bears."""
    if len(text) > LONGEST or "," in text:
        raise BadProof("invalid_dpop_proof", "one proof is needed")
    raw = text.encode("ascii")
    header = jws.extract_compact(raw, registry=signatures.REGISTRY).headers()
    jwk = header["jwk"]
    if (
        not isinstance(jwk, dict)
        or header.get("typ") != TYPE
        or jwk.get("kty") not in {"EC", "RSA", "OKP"}
        or "d" in jwk
    ):
        raise BadProof("invalid_dpop_proof", "typ must be dpop+jwt, and jwk a public key")
    signatures.refuse_weak(jwk)
    key = JWKRegistry.import_key(jwk)
    claims = strict_json.strict(jws.deserialize_compact(raw, key, registry=signatures.REGISTRY).payload)
    if not isinstance(claims, dict):
        raise BadProof("invalid_dpop_proof", "the claims are an object")
    return claims, key


def _check_nonce(given: object) -> None:
    window = int(clock.now().timestamp()) // NONCE_S
    if not isinstance(given, str) or not any(secrets.same(given, _nonce_of(each)) for each in (window, window - 1)):
        raise BadProof("use_dpop_nonce", "the nonce of this server is needed")


def _nonce_of(window: int) -> str:
    mac = secrets.keyed(settings().keys.nonce_key, "dpop", str(window))
    return base64.urlsafe_b64encode(mac[:24]).decode()


def _bare(address: object) -> str:
    """An address without query and fragment (RFC 9449 §4.3), scheme and host in lower case."""
    text = address if isinstance(address, str) else ""
    found = re.match(r"(https?://[^/?#]*)([^?#]*)", text, re.IGNORECASE)
    return found.group(1).lower() + found.group(2) if found else ""


def _hash(token: str) -> str:
    digest = hashlib.sha256(token.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
