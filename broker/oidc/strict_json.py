"""JSON from strangers: no deeper than anybody needs, and where it is kept only what UTF-8 and PostgreSQL can hold."""

import json
import math
from collections.abc import Callable
from typing import Any

DEEPEST = 20
"""Levels. What the interpreter's stack bears depends on where it stands: it may pass a check, and fail later."""
NUL = b"\x00"


def shallow(text: str | bytes) -> Any:
    """Parse a text.

    Raises:
        ValueError: no JSON, or too deep.
    """
    return _parsed(text, _any_text)


def strict(text: str | bytes) -> Any:
    """Parse a text whose values are compared, counted with or kept.

    Raises:
        ValueError: besides, a number without end (`NaN`, `1e999`), NUL or half a character in a string.
    """
    return _parsed(text, _whole_text, parse_constant=_endless, parse_float=_finite)


def _parsed(text: str | bytes, keep: Callable[[str], None], **hooks: Any) -> Any:
    try:
        value = json.loads(text, **hooks)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    _check(value, keep, DEEPEST)
    return value


def _check(value: Any, keep: Callable[[str], None], depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        keep(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            keep(name)
            _check(member, keep, depth - 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, keep, depth - 1)


def _any_text(_value: str) -> None:
    """Nothing of it is kept."""


def _whole_text(value: str) -> None:
    if NUL in value.encode():  # raises by itself where a surrogate stands alone
        raise ValueError("NUL in a string")


def _endless(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value
