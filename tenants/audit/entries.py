"""What an entry's hash covers: the one formula, for those who write and those who verify."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from tenants.audit.canonical import Json, canonical

GENESIS = bytes(32)
"""What the first entry of a chain names as the hash before it."""

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
TIME_SQL = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
"""The same in PostgreSQL's words: a reader must survive times that Python cannot hold."""


@dataclass(frozen=True)
class Head:
    """The last entry of a chain, to be anchored where the owner of the tables cannot reach. `hash` is hexadecimal."""

    chain: uuid.UUID
    sequence: int
    hash: str


def moment(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds, the way a time is hashed."""
    return time.astimezone(UTC).strftime(TIME)


def entry_hash(chain: uuid.UUID, sequence: int, *, time: str | None, kind: str, body: Json, previous: bytes) -> bytes:
    """SHA-256 (32 bytes) of the canonical JSON of the entry; `chain` in it ties the entry to its syndic.

    Raises:
        NotCanonical: the body holds what evidence may not hold.
    """
    entry: Json = {
        "chain": str(chain),
        "sequence": sequence,
        "time": time,
        "kind": kind,
        "body": body,
        "previous": previous.hex(),
    }
    return hashlib.sha256(canonical(entry)).digest()


def salted_hash(salt: bytes, value: str) -> str:
    """How a personal value stands in a body: SHA-256 of salt and value (UTF-8), in hexadecimal."""
    return hashlib.sha256(salt + value.encode()).hexdigest()
