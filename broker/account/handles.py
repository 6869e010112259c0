"""Names for a person's own things in forms: keys of rows, and what is kept of secrets, never leave the house."""

from collections.abc import Iterable
from typing import TypeVar

from config import secrets
from config.settings import settings

BYTES = 16
Thing = TypeVar("Thing")


def handle(kind: str, key: bytes) -> str:
    """The handle of a thing, always the same."""
    return secrets.keyed(settings().keys.name_key, "handle", kind, key.hex())[:BYTES].hex()


def found(wanted: str, things: Iterable[tuple[str, Thing]]) -> Thing | None:
    """Of things with their handles the one that is wanted."""
    return next((thing for each, thing in things if secrets.same(each, wanted)), None)
