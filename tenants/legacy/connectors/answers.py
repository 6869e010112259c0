"""What a remote source may answer, read strictly: it is a stranger's text until it has passed here."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tenants.legacy.connectors.contract import LegacyProfile, Receipt, SourceUnavailable
from tenants.legacy.identifiers import canonical_identifier

LONGEST_TEXT = 300
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


def profile(body: bytes, asked: str) -> LegacyProfile:
    """The account that was asked for: `{"identifier","holder","email","label"}`, the last two may be null or absent.

    Raises:
        SourceUnavailable: another account's, or not the contract's.
    """
    return profile_of(_object(body), asked)


def profile_of(fields: Mapping[str, Any], asked: str) -> LegacyProfile:
    """The same, of what has been read already.

    Raises:
        SourceUnavailable: as `profile`.
    """
    if canonical_identifier(_text(fields, "identifier")) != asked:
        raise SourceUnavailable("the source answered for another account")
    address = _text(fields, "email", optional=True)
    known = address if len(address) <= 254 and ADDRESS.fullmatch(address) else None
    return LegacyProfile(asked, _text(fields, "holder"), known, _text(fields, "label", optional=True))


def receipt(body: bytes, *instants: str) -> Receipt:
    """`{"receipt","disabled_at"}`: a text and an instant with its zone (ISO 8601), under the first of `instants`.

    Raises:
        SourceUnavailable: not the contract's.
    """
    fields = _object(body)
    name = next((each for each in instants if each in fields), "disabled_at")
    try:
        instant = datetime.fromisoformat(_text(fields, name))
    except ValueError:
        raise SourceUnavailable(f"{name} is no date and time") from None
    if instant.tzinfo is None:
        raise SourceUnavailable(f"{name} has no zone")
    word = _text(fields, "receipt")
    if not word:
        raise SourceUnavailable("the receipt is empty")
    return Receipt(word, instant)


def refuses_us(body: bytes) -> bool:
    """Whether a 401 is about our token (`{"error": "invalid_token"}`, RFC 6750 §3.1), not about the person's secret."""
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return isinstance(value, dict) and value.get("error") == "invalid_token"


def state(body: bytes) -> str:
    """`{"state"}`.

    Raises:
        SourceUnavailable: not the contract's.
    """
    return _text(_object(body), "state")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceUnavailable("the answer is no JSON") from None
    if not isinstance(value, dict):
        raise SourceUnavailable("the answer is no JSON object")
    return value


def _text(fields: Mapping[str, Any], name: str, *, optional: bool = False) -> str:
    value = fields.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise SourceUnavailable(f"{name} is missing, or no text of a sensible length")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in value):
        raise SourceUnavailable(f"{name} holds control characters")
    return value.strip()
