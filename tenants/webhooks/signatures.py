"""HTTP message signatures (RFC 9421) on what we send, and the digest of its body (RFC 9530). We sign; others verify."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

LABEL = "trousseau"
LIFE = timedelta(minutes=5)
COORDINATE_BYTES = 32

Components = Sequence[tuple[str, str]]
"""Names of covered components (RFC 9421 §2) with their values, in the order in which they are signed."""


@dataclass(frozen=True)
class Parameters:
    """What a signature says of itself (RFC 9421 §2.3)."""

    created: datetime
    key_id: str
    nonce: str

    def __str__(self) -> str:
        """As structured field parameters. Ids and nonces are base64url, so nothing in them needs an escape."""
        created = int(self.created.timestamp())
        expires = created + int(LIFE.total_seconds())
        return f';created={created};expires={expires};keyid="{self.key_id}";nonce="{self.nonce}"'


def content_digest(body: bytes) -> str:
    """The value of `Content-Digest` (RFC 9530 §2)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: Components, parameters: str) -> bytes:
    """What is signed (RFC 9421 §2.5). `parameters`: as they follow the list of components."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {_input(components, parameters)}']).encode()


def signed(components: Components, parameters: Parameters, key: EllipticCurvePrivateKey) -> dict[str, str]:
    """The headers `Signature-Input` and `Signature` (RFC 9421 §4), by `ecdsa-p256-sha256` (§3.3.4)."""
    der = key.sign(signature_base(components, str(parameters)), ECDSA(hashes.SHA256()))
    raw = b"".join(number.to_bytes(COORDINATE_BYTES, "big") for number in decode_dss_signature(der))
    return {
        "Signature-Input": f"{LABEL}={_input(components, str(parameters))}",
        "Signature": f"{LABEL}=:{base64.b64encode(raw).decode()}:",
    }


def _input(components: Components, parameters: str) -> str:
    names = " ".join(f'"{name}"' for name, _ in components)
    return f"({names}){parameters}"
