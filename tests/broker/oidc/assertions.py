"""What the tests of signed clients share: making such a client, showing an assertion, and its refusal."""

import base64
import json
from typing import Any

import httpx2

from tests.client_key import ClientKey
from tests.relying_party import ASSERTION, RelyingParty
from tests.world import World

OWN = {"grant_types": ["authorization_code", "refresh_token", "client_credentials"]}


def signing(world: World, key: ClientKey, **metadata: Any) -> RelyingParty:
    """A client that signs its assertions and may act for itself."""
    keys = {} if "jwks_uri" in metadata else {"jwks": key.jwks}
    fields = {"token_endpoint_auth_method": "private_key_jwt", **OWN, **keys, **metadata}
    return RelyingParty(world.client(world.syndic(accounts=0), **fields), key)


def shown(party: RelyingParty, assertion: str, **more: str) -> httpx2.Response:
    """Ask for a token with this assertion."""
    proved = {"client_assertion_type": ASSERTION, "client_assertion": assertion}
    values = {"grant_type": "client_credentials", **proved, **more}
    return party.http.post(party.metadata["token_endpoint"], data=values)


def own_token(party: RelyingParty) -> httpx2.Response:
    """Ask for a token of the client's own."""
    return party.ask("token_endpoint", {"grant_type": "client_credentials"})


def is_refused(answer: httpx2.Response, why: str) -> None:
    """The client was promised no way in."""
    assert answer.status_code in {400, 401}, f"{why}: {answer.status_code} {answer.text}"
    assert answer.json()["error"] == "invalid_client", f"{why}: {answer.text}"


def reheaded(assertion: str, header: dict[str, Any]) -> str:
    """The assertion under another header."""
    return ".".join([encoded(json.dumps(header).encode()), *assertion.split(".")[1:]])


def encoded(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
