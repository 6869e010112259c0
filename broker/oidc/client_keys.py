"""The public keys of clients that sign their assertions: registered, or published by the client at its `jwks_uri`."""

import json
import time
from threading import Lock
from typing import Any

from joserfc.jwk import KeySet
from marshmallow import ValidationError

from broker.oidc.tokens import UNREADABLE
from config.logging import log
from config.outgoing.transport import UnusableAnswer, client, fetch
from tenants.clients.pictures import RegisteredClient
from tenants.clients.schemas import public_keys

KEPT_S = 300.0
"""As long as a published key set is believed."""
ANEW_S = 10.0
"""An unknown `kid` makes us look again, but not more often than this: a client must not make us call at will."""
MOST = 2000

_fetched: dict[str, tuple[float, KeySet]] = {}
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
    with _lock:
        kept = _fetched.get(registered.jwks_uri)
    age = time.monotonic() - kept[0] if kept else KEPT_S
    if kept and (age < ANEW_S or (age < KEPT_S and any(key.kid == kid for key in kept[1].keys))):
        return kept[1]
    return _fetch(registered.jwks_uri)


def _fetch(address: str) -> KeySet:
    try:
        _status, body = fetch(client(), client().build_request("GET", address))
        found = _parsed(json.loads(body))
    except (UnusableAnswer, *UNREADABLE) as error:
        _log.warning("jwks_unreadable", kind=type(error).__name__)
        raise LookupError("the client's jwks_uri gives no keys") from error
    with _lock:
        if len(_fetched) >= MOST:
            _fetched.clear()
        _fetched[address] = (time.monotonic(), found)
    return found


def _parsed(jwks: dict[str, Any]) -> KeySet:
    try:
        public_keys(jwks)
    except (ValidationError, AttributeError) as error:
        raise ValueError("not a set of public keys") from error
    return KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # joserfc's dictionaries have narrower types
