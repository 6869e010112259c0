"""The browsers that the driver plays: one line of a file each, so that Lua and Python read the same."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Visitor:
    """One browser with a living session, and the client whose user it is.

    `prefix` stands before the path of every endpoint: the issuer's. The tokens are what operations other than the
    flow begin with.
    """

    prefix: str
    client_id: str
    client_secret: str
    redirect_uri: str
    cookie: str
    access_token: str = ""
    refresh_token: str = ""

    @property
    def basic(self) -> str:
        """The `Authorization` of `client_secret_basic` (RFC 6749 §2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def with_tokens(self, access: str, refresh: str) -> "Visitor":
        """The same browser, once it has been given tokens."""
        return replace(self, access_token=access, refresh_token=refresh)


def write(path: Path, visitors: Iterable[Visitor]) -> None:
    """Write the driver's file: prefix, client_id, authorization, redirect_uri, cookie, tokens, between tabs."""
    with path.open("w", encoding="utf-8") as out:
        path.chmod(0o600)
        for one in visitors:
            fields = (one.prefix, one.client_id, one.basic, one.redirect_uri, one.cookie)
            print(*fields, one.access_token, one.refresh_token, sep="\t", file=out)
