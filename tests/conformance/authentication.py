"""How each client authenticates at the token endpoint (RFC 6749 §2.3.1, RFC 7523 §2.2)."""

import base64
import secrets
import time
from dataclasses import dataclass, field

from joserfc import jwt

from tests.conformance.provider import Client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Credentials:
    """What goes with a token request."""

    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)


def of(client: Client, issuer: str) -> Credentials:
    """The client's credentials, by its registered method."""
    if client.auth_method == "private_key_jwt":
        return Credentials(
            form={"client_assertion_type": ASSERTION_TYPE, "client_assertion": _assertion(client, issuer)}
        )
    if client.auth_method == "client_secret_post":
        return Credentials(form={"client_id": client.client_id, "client_secret": client.client_secret})
    login = f"{_form_encoded(client.client_id)}:{_form_encoded(client.client_secret)}"
    return Credentials(headers={"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"})


def _form_encoded(text: str) -> str:
    """Every character as %XX, which is legal for any: who forgets to decode refuses it."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _assertion(client: Client, issuer: str) -> str:
    """A JWT for this issuer, for a minute, once."""
    assert client.key is not None
    now = int(time.time())
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode({"alg": "ES256", "kid": client.key.kid}, claims, client.key, algorithms=["ES256"])
