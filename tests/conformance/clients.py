"""What each relying party of these tests registers, its addresses all at one receiver."""

from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey

from tests.conformance.provider import AuthMethod

ROLES = ("first", "second", "posting", "signing", "backchannel", "frontchannel")
METHODS: dict[str, AuthMethod] = {"posting": "client_secret_post", "signing": "private_key_jwt"}
"""Of the roles that do not authenticate by `client_secret_basic`."""


@dataclass(frozen=True)
class Registration:
    """Of one relying party, named after its role in `provider.Clients`."""

    auth_method: AuthMethod
    redirect_uri: str
    post_logout_redirect_uri: str
    backchannel_logout_uri: str | None
    frontchannel_logout_uri: str | None


def registration(receiver: str, role: str) -> Registration:
    """Everything below `{receiver}/{role}/`."""
    base = f"{receiver}/{role}"
    return Registration(
        METHODS.get(role, "client_secret_basic"),
        f"{base}/callback",
        f"{base}/post_logout_redirect",
        f"{base}/backchannel_logout" if role == "backchannel" else None,
        f"{base}/frontchannel_logout" if role == "frontchannel" else None,
    )


def new_key() -> ECKey:
    """A key to sign assertions with."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"})
    key.ensure_kid()
    return key


def jwks(key: ECKey) -> dict[str, Any]:
    """Its public half, as a client registers it (RFC 7517 §5)."""
    return {"keys": [key.as_dict(private=False)]}
