"""The browsers that the driver plays: one line of a file each, so that Lua and Python read the same."""

import base64
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Visitor:
    """One browser with a living session, and the client whose user it is.

    `prefix` stands before the path of every endpoint: the issuer's. `basic` is the client's `Authorization`. The
    tokens are what operations other than the flow begin with.
    """

    prefix: str
    client_id: str
    basic: str
    redirect_uri: str
    cookie: str
    access_token: str = ""
    refresh_token: str = ""


def basic(client_id: str, client_secret: str) -> str:
    """The `Authorization` of `client_secret_basic` (RFC 6749 §2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def write(path: Path, visitors: Iterable[Visitor]) -> None:
    """Write the driver's file: the fields of a visitor in their order, between tabs."""
    with path.open("w", encoding="utf-8") as out:
        path.chmod(0o600)
        for one in visitors:
            print(*astuple(one), sep="\t", file=out)


def read(path: Path) -> list[Visitor]:
    """The visitors of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Visitor(*line.split("\t")) for line in lines]
