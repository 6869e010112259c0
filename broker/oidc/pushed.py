"""Pushed authorization requests (RFC 9126): checked when they are pushed, found again by their `request_uri`."""

from typing import Any

from broker.oidc.errors import AuthorizationError, Unproved
from broker.oidc.parameters import Parameters, check, proved_client
from broker.sessions import requests
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFE_S = 90


def push(syndic: RegisteredSyndic, client: RegisteredClient, parameters: Parameters) -> dict[str, Any]:
    """Keep a request of this client. Returns `request_uri` and `expires_in` (seconds).

    Raises:
        AuthorizationError: what is wrong with it, redirect URI and client included.
    """
    if parameters.get("request_uri"):
        raise AuthorizationError("invalid_request", "request_uri may not be pushed (RFC 9126 section 2.1)")
    whole = Parameters({"client_id": client.client_id, **parameters.values, "_pushed": "yes"})
    try:
        proved = proved_client(syndic, whole)
    except Unproved as error:
        raise AuthorizationError("invalid_request", error.private) from error
    if proved.id != client.id:
        raise AuthorizationError("invalid_request", "client_id is not the authenticated client")
    check(whole, client)
    handle = requests.push(syndic.id, client.id, dict(whole.values), LIFE_S)
    return {"request_uri": PREFIX + handle, "expires_in": LIFE_S}


def handle(parameters: Parameters) -> str | None:
    """The handle of a pushed request; None where the request stands in the address itself."""
    address = parameters.get("request_uri")
    return address.removeprefix(PREFIX) if address.startswith(PREFIX) else None


def find(syndic: RegisteredSyndic, outer: Parameters, handle: str) -> Parameters:
    """What was pushed: it alone counts, whatever else the address says (RFC 9126 §4).

    Raises:
        Unproved: expired, used, unknown, or another client's.
    """
    client = syndic.clients.get(outer.get("client_id"))
    waiting = requests.find_pushed(syndic.id, client.id, handle) if client else None
    if waiting is None:
        raise Unproved("the request_uri has expired, was used, or is not this client's")
    return Parameters(waiting.values)
