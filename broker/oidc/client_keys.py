"""The public keys of clients that sign their assertions: registered, or published by the client at its `jwks_uri`."""

import json
from http import HTTPStatus
from threading import Lock
from typing import Any

from joserfc.jwk import KeySet
from marshmallow import ValidationError

from broker.oidc import signatures
from broker.oidc.tokens import UNREADABLE
from config import clock
from config.logging import log
from config.outgoing.transport import UnusableAnswer, client, fetch
from tenants.clients.pictures import RegisteredClient
from tenants.clients.schemas import public_keys

KEPT_S = 300.0
"""As long as a published key set is believed."""
ANEW_S = 10.0
"""An unknown `kid`, or an address that gave no keys, makes us look again, but not more often than this: whoever
names a client must not make us call at will."""
MOST = 2000

_fetched: dict[str, tuple[float, KeySet]] = {}
_failed: dict[str, float] = {}
_lock = Lock()
_log = log("client_keys")


def keys_of(registered: RegisteredClient, kid: object) -> KeySet:
    """The client's keys; published ones are read again where they are old, or lack this `kid`.

    Raises:
        LookupError: it has none, or they cannot be read now.
    """
    if registered.jwks is not None:
        return _parsed(dict(registered.jwks))
    if registered.jwks_uri is None:
        raise LookupError("the client has registered no keys")
    now, address = clock.now().timestamp(), registered.jwks_uri
    with _lock:
        kept, failed = _fetched.get(address), _failed.get(address, 0.0)
    age = now - kept[0] if kept else KEPT_S
    if kept and (age < ANEW_S or (age < KEPT_S and any(key.kid == kid for key in kept[1].keys))):
        return kept[1]
    if now - failed < ANEW_S:
        raise LookupError("the client's jwks_uri gave no keys just now")
    return _fetch(address, now)


def _fetch(address: str, now: float) -> KeySet:
    try:
        found = _published(address)
    except (UnusableAnswer, *UNREADABLE) as error:
        _log.warning("jwks_unreadable", kind=type(error).__name__)
        _keep(_failed, address, now)
        raise LookupError("the client's jwks_uri gives no keys") from error
    _keep(_fetched, address, (now, found))
    return found


def _published(address: str) -> KeySet:
    status, body = fetch(client(), client().build_request("GET", address))
    if status != HTTPStatus.OK:  # a redirect neither leads us on nor speaks itself
        raise UnusableAnswer(f"status {status}")
    return _parsed(json.loads(body))


def _keep(store: dict[str, Any], address: str, what: object) -> None:
    with _lock:
        if len(store) >= MOST:
            store.clear()
        store[address] = what


def _parsed(jwks: dict[str, Any]) -> KeySet:
    try:
        public_keys(jwks)
    except (ValidationError, AttributeError) as error:
        raise ValueError("not a set of public keys") from error
    for key in jwks["keys"]:
        signatures.refuse_weak(key)
    return KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # joserfc's dictionaries have narrower types
