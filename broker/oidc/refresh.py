"""Refresh tokens: each used once, and one that comes back ends the family (RFC 9700 §4.14.2).

A token says its grant and its generation, under a MAC that only this client at this syndic can have got: nothing is
stored of it. The grant's row holds the newest generation that was used, so any older token is known as a copy, for as
long as the grant lives (docs/decisions/0011).
"""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broker.oidc import queries
from broker.oidc.codes import OFFLINE_IDLE, current_version
from config import clock, secrets
from config.database import statements
from config.settings import settings
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic
from tenants.clients.registry import confirm

GRACE = timedelta(seconds=10)
"""How long the retry of a lost answer gets a fresh successor."""
GENERATION_BYTES = 4
SALT_BYTES = 16
PLAIN_BYTES = 16 + GENERATION_BYTES + SALT_BYTES


class TooMuch(Exception):  # noqa: N818 - an answer to the client
    """More is asked for than was granted."""


@dataclass(frozen=True)
class RefreshToken:
    """What a genuine token says."""

    grant: uuid.UUID
    generation: int


def make(syndic: RegisteredSyndic, client: RegisteredClient, grant: uuid.UUID, generation: int) -> str:
    """A token of that generation, unlike every other one of it: 128 random bits under a 256-bit MAC."""
    salt = secrets.random_bytes(SALT_BYTES)
    plain = grant.bytes + generation.to_bytes(GENERATION_BYTES, "big") + salt
    return base64.urlsafe_b64encode(plain + _mac(syndic, client, plain)).rstrip(b"=").decode()


def read(syndic: RegisteredSyndic, client: RegisteredClient, token: str) -> RefreshToken | None:
    """What the token says, if it was made for this client at this syndic."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    plain, mac = raw[:PLAIN_BYTES], raw[PLAIN_BYTES:]
    if len(plain) < PLAIN_BYTES or not secrets.same(mac, _mac(syndic, client, plain)):
        return None
    return RefreshToken(uuid.UUID(bytes=plain[:16]), int.from_bytes(plain[16 : 16 + GENERATION_BYTES], "big"))


def use(syndic: RegisteredSyndic, client: RegisteredClient, token: str, scopes: list[str]) -> dict[str, Any] | None:
    """The grant of a token that may be used, with `generation` of its successor; None: refused.

    A copy of a used token ends the family, but within the grace of its first use.

    Raises:
        TooMuch: it asks for scopes that were never granted; the token has not been used.
        ConfigurationChangedError: the client was authenticated by an old picture; nothing has changed.
    """
    genuine = read(syndic, client, token)
    if genuine is None:
        return None
    now = clock.now()
    values = {"now": now, "grant": genuine.grant, "client": client.id, "syndic": syndic.id}
    values |= {"generation": genuine.generation, "grace": now - GRACE, "ahead": now + GRACE}
    values |= {"idle": now + OFFLINE_IDLE, "scopes": scopes}
    with statements() as sql:
        row = sql.execute(queries.REFRESH, {**values, "version": syndic.version}).fetchone()
        confirm(syndic, syndic.version if row else current_version(sql, syndic))
        if row is not None:
            return {**row, "generation": genuine.generation + 1}
        if sql.execute(queries.REVOKE_REUSED, values).fetchone() is None and scopes:
            granted = sql.execute(queries.GRANTED_SCOPE, values).fetchone()
            if granted and not set(scopes) <= set(granted["scope"].split()):
                raise TooMuch
    return None


def _mac(syndic: RegisteredSyndic, client: RegisteredClient, plain: bytes) -> bytes:
    return secrets.keyed(settings().keys.refresh_key, str(syndic.id), str(client.id), plain.hex())
