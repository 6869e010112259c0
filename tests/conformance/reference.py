"""The reference: the certified provider `oidc-provider` on Node, described by one line of JSON."""

import json
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.conformance.clients import ROLES, jwks, new_key, registration
from tests.conformance.discovery import SUFFIX
from tests.conformance.provider import Client, Clients, Pages, Provider
from tests.conformance.standard_claims import PROFILE
from tests.journeys.extranets import free_port

FOLDER = Path(__file__).parent / "reference"
LOGIN, PASSWORD = "jeanne", "corbeau-lampe-tracteur-violon"
PAGES = Pages({"Login": LOGIN, "Password": PASSWORD}, "Sign in", "Continue", "Sign out")
START_S = 30.0
NO_FRONTCHANNEL = "oidc-provider 9 has no front-channel logout"


@contextmanager
def running(receiver: str, folder: Path) -> Iterator[Provider]:
    """Run it on a port of its own, until the end."""
    issuer = f"http://127.0.0.1:{free_port()}"
    clients = {role: _client(receiver, role) for role in ROLES}
    with (folder / "reference.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            ["node", str(FOLDER / "provider.mjs")],  # noqa: S607 - whichever Node this machine has
            stdin=subprocess.PIPE, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        _describe(process, issuer, receiver, clients)
        _await(process, issuer, folder / "reference.log")
        yield Provider(issuer, Clients(**clients), PAGES, lacks=_lacks())
    finally:
        process.kill()
        process.communicate()


def _client(receiver: str, role: str) -> Client:
    own = registration(receiver, role)
    return Client(
        f"client-{role}",
        secrets.token_urlsafe(32),
        own.redirect_uri,
        own.post_logout_redirect_uri,
        own.auth_method,
        new_key() if own.auth_method == "private_key_jwt" else None,
    )


def _describe(process: "subprocess.Popen[str]", issuer: str, receiver: str, clients: dict[str, Client]) -> None:
    claims = {**PROFILE, "email": "jeanne@dupont.example", "email_verified": True}
    described = {
        "issuer": issuer,
        "acr": "password",
        "account": {"id": secrets.token_urlsafe(16), "login": LOGIN, "password": PASSWORD, "claims": claims},
        "clients": [_registration(receiver, role, client) for role, client in clients.items()],
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(described) + "\n")
    process.stdin.flush()


def _registration(receiver: str, role: str, client: Client) -> dict[str, Any]:
    """By the names of RFC 7591."""
    values: dict[str, Any] = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uris": [client.redirect_uri],
        "post_logout_redirect_uris": [client.post_logout_redirect_uri],
        "token_endpoint_auth_method": client.auth_method,
        "grant_types": ["authorization_code", "refresh_token"],
        "require_auth_time": True,
    }
    if client.key:
        values |= {"jwks": jwks(client.key), "token_endpoint_auth_signing_alg": "ES256"}
    address = registration(receiver, role).backchannel_logout_uri
    return (
        {**values, "backchannel_logout_uri": address, "backchannel_logout_session_required": True}
        if address
        else values
    )


def _await(process: "subprocess.Popen[str]", issuer: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not _answers(issuer):
        said = log.read_text()
        assert process.poll() is None, f"the reference ended (npm ci in {FOLDER}?): {said}"
        assert time.monotonic() < deadline, f"the reference does not answer: {said}"
        time.sleep(0.05)


def _answers(issuer: str) -> bool:
    try:
        return httpx2.get(f"{issuer}{SUFFIX}", trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def _lacks() -> dict[str, str]:
    return {
        "test_oidcc_frontchannel_logout_discovery_endpoint_verification": NO_FRONTCHANNEL,
        "test_oidcc_frontchannel_rp_initiated_logout": NO_FRONTCHANNEL,
    }
