"""Where mails are handed over, as the settings say it."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from config.settings import SettingsError


@dataclass(frozen=True)
class Server:
    """Where mails are handed over."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    starttls: bool
    tls: bool


def server(url: str) -> Server:
    """Read `smtp://[user:password@]host[:port][?starttls=1]`, or `smtps://…` for TLS from the first byte.

    Raises:
        SettingsError: it is no such address, or a password would cross the network in clear.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        raise SettingsError("TROUSSEAU_SMTP_URL must look like smtp://[user:password@]host:port[?starttls=1]")
    tls, starttls = parts.scheme == "smtps", parse_qs(parts.query).get("starttls") == ["1"]
    if parts.username and not (tls or starttls or _is_here(parts.hostname)):
        raise SettingsError("TROUSSEAU_SMTP_URL has a password: add ?starttls=1, or begin it with smtps://")
    default = 465 if tls else 587 if starttls else 25
    return Server(
        parts.hostname, port or default, unquote(parts.username or ""), unquote(parts.password or ""), starttls, tls
    )


def _is_here(host: str) -> bool:
    """Whether the name is this very machine's."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
