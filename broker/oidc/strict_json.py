"""JSON from strangers: what RFC 8259 knows, what UTF-8 and PostgreSQL can hold, and no deeper than anybody needs."""

import json
import math
from typing import Any

DEEPEST = 20
NUL = b"\x00"


def parsed(text: str | bytes) -> Any:
    """Parse a text.

    Raises:
        ValueError: no JSON, a number without end (`NaN`, `1e999`), NUL or half a character in a string, or too deep.
    """
    try:
        value = json.loads(text, parse_constant=_endless, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    _check(value, DEEPEST)
    return value


def _endless(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        if NUL in value.encode():  # raises by itself where a surrogate stands alone
            raise ValueError("NUL in a string")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check(name, depth)
            _check(member, depth - 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth - 1)
