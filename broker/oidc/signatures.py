"""Signatures that clients make, over assertions and DPoP proofs: their algorithms, and keys that are strong enough."""

import base64
from typing import Any

from joserfc.jws import JWSRegistry

ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]
SMALLEST_RSA_BITS = 2048


class Algorithms(JWSRegistry):
    """These algorithms and no other; `EdDSA` is the older name of Ed25519 (RFC 9864 §2.2)."""

    max_header_length = 2048
    """A proof's header holds its key: 700 bytes for RSA of 2048 bits."""

    def get_alg(self, name: str) -> Any:
        """The algorithm of that name."""
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


REGISTRY = Algorithms(algorithms=ALGORITHMS)


def refuse_weak(jwk: dict[str, Any]) -> None:
    """Refuse an RSA key that anybody might factor (RFC 7518 §3.3): joserfc would only warn of it.

    Raises:
        ValueError: it has fewer than 2048 bits.
    """
    if jwk.get("kty") == "RSA":
        modulus = base64.urlsafe_b64decode(jwk["n"] + "==")
        if int.from_bytes(modulus, "big").bit_length() < SMALLEST_RSA_BITS:
            raise ValueError("an RSA key of fewer than 2048 bits")
