"""The tombstone of a secret: lets a retired identifier's holder be told (JOURNEYS B12), and opens nothing.

Argon2id (RFC 9106) over the peppered secret, captured at a legacy sign-in and never made of an imported hash.
"""

import base64
import uuid

import argon2
from argon2.low_level import Type, hash_secret

from config import secrets
from config.settings import settings

SALT_BYTES, HASH_BYTES = 16, 32


def cut(syndic_id: uuid.UUID, identifier: str, secret: str, earlier: str | None) -> str:
    """The tombstone of a secret, with one Argon2 hash whatever is given.

    With `earlier`, its salt and cost are used, so that comparing the two tells whether the secrets are the same
    and a first capture, a later one and a comparison all cost alike. Nobody's name is hashed like another.
    """
    peppered = secrets.keyed(settings().keys.pepper, "tombstone", str(syndic_id), identifier, secret)
    salt, cost = _salt_and_cost(earlier) if earlier else (secrets.random_bytes(SALT_BYTES), current_cost())
    return hash_secret(peppered, salt, *cost, HASH_BYTES, Type.ID).decode()


def current_cost() -> tuple[int, int, int]:
    """Passes, memory in KiB, lanes, as the settings say."""
    cost = settings().argon2
    return cost.passes, cost.memory_kib, cost.lanes


def is_current(tombstone: str | None) -> bool:
    """Whether a tombstone was made at today's cost."""
    return tombstone is not None and _salt_and_cost(tombstone)[1] == current_cost()


def _salt_and_cost(tombstone: str) -> tuple[bytes, tuple[int, int, int]]:
    stated = argon2.extract_parameters(tombstone)
    encoded = tombstone.split("$")[4]
    salt = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    return salt, (stated.time_cost, stated.memory_cost, stated.parallelism)
