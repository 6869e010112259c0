"""Everything about a row follows from its kind and number, so that rows can refer to one another unseen."""

import base64
import hashlib
import uuid
from enum import IntEnum

FIRST_MS = 1_760_000_000_000
"""The instant of the first row (Unix time in ms); the others follow at 1,000 a second."""
STEP = 6_700_417
"""A prime: sessions step through the identities by it, and so through all syndics and all parts of the tables."""


class Kind(IntEnum):
    """What is numbered."""

    SYNDIC = 1
    CLIENT = 2
    KEY = 3
    SOURCE = 4
    IDENTITY = 5
    ACCOUNT = 6
    LINK = 7
    RELEASE = 8
    SESSION = 9
    ORIGIN = 10
    ASSOCIATION = 11
    CLIENT_SESSION = 12
    CIRCLE = 13
    MEMBER = 14
    AGREEMENT = 15
    DENIAL = 16


def identifier(kind: Kind, number: int) -> str:
    """The primary key: a UUIDv7 (RFC 9562 §5.7), in the order of time as a running service makes them."""
    value = (FIRST_MS + number) << 80 | 7 << 76 | kind << 64 | 0b10 << 62 | number
    return str(uuid.UUID(int=value))


def random_looking(purpose: str, number: int) -> str:
    """43 base64url characters in place of a random token: unordered, as in life, but known to the driver too."""
    raw = hashlib.sha256(f"bench:{purpose}:{number}".encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def slug(syndic: int) -> str:
    """A syndic's part of its addresses."""
    return f"agence-{syndic:05d}"


def holder_of_session(session: int, identities: int, syndics: int) -> int:
    """The identity that holds a session.

    Neighbours among the sessions are of different syndics, and far apart among the identities.
    """
    return session * STEP % (identities - identities % syndics)
