"""Addresses that others register with us to be called at: checked as far as they can be before any call."""

from urllib.parse import SplitResult, urlsplit

from config.outgoing import guard


def refuse_unusable(address: str) -> None:
    """Check a web address. Whether a name's addresses may be called is checked at each connection.

    Raises:
        ValueError: it cannot be called, or not safely; the text says why.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host:
        raise ValueError("it must begin with https:// and name a host")
    if parts.scheme == "http" and not guard.is_loopback(host):
        raise ValueError("http is for this machine only, others need https")
    _refuse_what_none_may_be(address, parts)


def refuse_unusable_directory(address: str) -> None:
    """Check a directory's address: `ldaps://`, or `ldap://`, where TLS is asked for before anything is said.

    Raises:
        ValueError: as `refuse_unusable`.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"ldaps", "ldap"} or not parts.hostname:
        raise ValueError("it must begin with ldaps:// or ldap:// and name a host")
    if parts.path not in {"", "/"}:
        raise ValueError("it must end with the host and its port: the base is said in the layout")
    _refuse_what_none_may_be(address, parts)


def _refuse_what_none_may_be(address: str, parts: SplitResult) -> None:
    if parts.username is not None or parts.query or parts.fragment or parts.port == 0:
        raise ValueError("it must hold no user, query or fragment")
    if not address.isascii() or any(c.isspace() for c in address):
        raise ValueError("it must be plain ASCII without spaces (a name in punycode)")
    _refuse_forbidden_literal(parts.hostname or "")


def _refuse_forbidden_literal(host: str) -> None:
    """An address written out, or this machine's name, is known to be forbidden before any call."""
    if guard.is_literal(host) or guard.is_loopback(host):
        try:
            guard.addresses(host, 0)
        except guard.ForbiddenAddress as error:
            raise ValueError(f"{error}; TROUSSEAU_OUTGOING_ALLOWED must name it") from error
