"""What an ID token of the code flow must hold, and must not (OpenID Connect Core 1.0 §2 and §3.1.3.7)."""

import base64
import hashlib
import time
from typing import Any

from tests.conformance.standard_claims import are_well_typed

YEAR_S = 365 * 24 * 3600
SKEW_S = 300
EXPECTED = {
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "nbf", "jti",
    "sid", "s_hash", "txn",
}  # fmt: skip


def check(claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str | None) -> None:
    """Check everything but the signature."""
    now = time.time()
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    assert claims["iss"] == issuer, "iss is the issuer, exactly"
    assert client_id in audience, "aud is this client"
    assert claims.get("azp", client_id) == client_id, "azp is this client, where it is given"
    assert isinstance(claims["sub"], str), "sub is a string"
    assert 0 < len(claims["sub"]) <= 255, "sub is at most 255 characters"
    assert now - SKEW_S < claims["exp"] < now + 50 * YEAR_S, "exp is to come, and in this century"
    assert abs(claims["iat"] - now) < SKEW_S, "iat is now"
    assert claims.get("nonce") == nonce, "nonce is the request's, exactly, and absent where none was sent"
    _authentication(claims, now)
    are_well_typed(claims)
    extra = claims.keys() - EXPECTED
    assert not extra, f"an ID token carries no claims that nobody asked for: {extra}"


def hashes_agree(claims: dict[str, Any], *, access_token: str, code: str) -> None:
    """Check `at_hash` and `c_hash`, where they are given (Core §3.1.3.6, §3.3.2.11)."""
    for name, value in (("at_hash", access_token), ("c_hash", code)):
        if name in claims:
            assert claims[name] == _half_hash(value), f"{name} is the left half of its value's hash"


def _authentication(claims: dict[str, Any], now: float) -> None:
    if "auth_time" in claims:
        signed_in = claims["auth_time"]
        assert isinstance(signed_in, int | float), "auth_time is a number"
        assert not isinstance(signed_in, bool), "auth_time is a number"
        assert now - YEAR_S < signed_in <= now + 1, "auth_time is past, and less than a year ago"
    assert claims.get("acr", "some"), "acr is not empty"


def _half_hash(text: str) -> str:
    half = hashlib.sha256(text.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
