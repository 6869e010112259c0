"""Who calls: the address as far as it may be kept, which is its network."""

import ipaddress
from dataclasses import dataclass

from flask import request

USER_AGENT_KEPT = 200


@dataclass(frozen=True)
class Caller:
    """The browser that calls, as far as it may be kept."""

    user_agent: str
    network: str


def calling() -> Caller:
    """The browser of this request."""
    return Caller(user_agent(), caller())


def caller() -> str:
    """The caller's network: /24 of an IPv4 address, /48 of an IPv6 one (CNIL: truncated)."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, prefix), strict=False))


def user_agent() -> str:
    """The browser's own description, cut to a sane length, without what PostgreSQL's text cannot hold."""
    return (request.headers.get("User-Agent") or "").replace("\x00", "")[:USER_AGENT_KEPT]
