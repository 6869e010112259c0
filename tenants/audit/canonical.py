"""One text for one value, so that one value has one hash: JSON canonicalised after RFC 8785."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

GREATEST = 2**53 - 1
"""RFC 8785 §3.2.2.3: a greater integer is not the same number everywhere."""


class NotCanonical(ValueError):  # noqa: N818 - named like a refusal, but a defect of the caller
    """The value has no canonical text that a database and every reader would agree on; the message says where."""


def canonical(value: object) -> bytes:
    """The canonical JSON of strings, integers, booleans, None, lists and dictionaries, in UTF-8.

    Fractions are left out of RFC 8785 on purpose: evidence has none, and databases write them in many ways.

    Raises:
        NotCanonical: any other type, an integer beyond 2**53 - 1, a zero character, half a surrogate pair.
    """
    return json.dumps(_ordered(value, "$"), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: object, place: str) -> object:
    """The same value, its keys in the order of RFC 8785 §3.2.3, once everything in it is known to be allowed."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return _integer(value, place)
    if isinstance(value, (list, tuple)):
        return [_ordered(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        return _object(value, place)
    raise NotCanonical(f"{place} is a {type(value).__name__}: only strings, integers, booleans, None, lists, objects")


def _object(value: Mapping[object, object], place: str) -> dict[str, object]:
    named = {_key(key, place): item for key, item in value.items()}
    ordered = sorted(named, key=lambda key: key.encode("utf-16-be"))
    return {key: _ordered(named[key], f"{place}.{key}") for key in ordered}


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise NotCanonical(f"{place} has the key {key!r}, which is not a string")
    return _text(key, place)


def _integer(value: int, place: str) -> int:
    if abs(value) > GREATEST:
        raise NotCanonical(f"{place} is beyond 2**53 - 1")
    return value


def _text(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotCanonical(f"{place} holds half a surrogate pair") from None
    if "\0" in value:
        raise NotCanonical(f"{place} holds a zero character, which PostgreSQL cannot keep")
    return value
