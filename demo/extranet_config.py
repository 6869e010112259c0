"""What one extranet is told when it starts."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """The configuration cannot be used; the text says what to change."""


@dataclass(frozen=True)
class Config:
    """One syndic's extranet. `base` is the broker's address, `issuer` that of this syndic there.

    With `accounts_csv` the extranet also serves the `http` legacy source for the accounts of that export;
    `connector_jwks_uri` is where the broker publishes the keys that it signs such calls with.
    """

    slug: str
    name: str
    colour: str
    issuer: str
    base: str
    client_id: str
    client_secret: str
    accounts_csv: Path | None = None
    connector_jwks_uri: str = ""

    def __post_init__(self) -> None:
        """Check what ends in a cookie's name and in a style sheet."""
        if not re.fullmatch(r"[a-z0-9-]+", self.slug):
            raise ConfigError(f"slug: {self.slug!r} has signs other than a-z, 0-9 and hyphens")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise ConfigError(f"colour: {self.colour!r} is not of the form #rrggbb")

    @property
    def jwks_uri(self) -> str:
        """Where the connector's keys are."""
        return self.connector_jwks_uri or f"{self.issuer}/connector/jwks"


def read(path: Path) -> Config:
    """The configuration in a JSON file; a relative `accounts_csv` starts at that file's folder.

    Raises:
        ConfigError: it is no such file.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if found.get("accounts_csv"):
            found["accounts_csv"] = path.parent / found["accounts_csv"]
        return Config(**{key: value for key, value in found.items() if value is not None})
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
