"""docker-compose.yml as compose reads it, with its variables filled in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")


class MissingVariable(Exception):  # noqa: N818 - what compose itself says
    """Compose would refuse to start anything: a variable that it asks for (`:?`) is not given."""


def text() -> str:
    """The file as it stands."""
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def composed(given: Mapping[str, str]) -> dict[str, Any]:
    """The file with every variable filled in, in values only: a comment holds none.

    Raises:
        MissingVariable: as compose.
    """
    made = _filled(yaml.safe_load(text()), given)
    assert isinstance(made, dict)
    return made


def asked_for() -> dict[str, bool]:
    """The variables of the file: name -> whether it must be given."""
    found: dict[str, bool] = {}
    for variable in VARIABLE.finditer(text()):
        found[variable["name"]] = found.get(variable["name"], False) or variable["kind"] == "?"
    return found


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, given) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, given) for each in value]
    return VARIABLE.sub(lambda found: _value(found, given), value) if isinstance(value, str) else value


def _value(found: re.Match[str], given: Mapping[str, str]) -> str:
    value = given.get(found["name"], "")
    if not value and found["kind"] == "?":
        raise MissingVariable(f"{found['name']}: {found['rest']}")
    return value or (found["rest"] or "" if found["kind"] == "-" else "")
