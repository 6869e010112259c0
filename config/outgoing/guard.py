"""The guard of outgoing calls (SSRF): which addresses we may call, and that we call the very one we checked.

Registered hosts are a syndic's words. A name is resolved by us, once per connection, and the connection goes to
an address of that answer, so a name that changes its mind in between (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from config.settings import settings

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA gave out (RFC 4291 §2.4): mapped, translated (64:ff9b::/96), local and multicast ones are outside."""
TUNNELS = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "2001::/32", "192.88.99.0/24"))
"""6to4 and Teredo carry an IPv4 address that nobody would check."""
MOST_ADDRESSES = 3


class ForbiddenAddress(Exception):  # noqa: N818 - an answer of the guard
    """The host leads to no address that we may call."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public Internet, and no other one is hidden in it."""
    if isinstance(address, IPv6Address) and (address not in GLOBAL_UNICAST or address.scope_id):
        return False
    return address.is_global and not address.is_multicast and not any(address in tunnel for tunnel in TUNNELS)


def is_allowed(host: str, address: Address) -> bool:
    """Whether a setting names the host, the address, or a network that holds it."""
    return any(entry.lower() == host or _holds(entry, address) for entry in settings().outgoing_allowed)


def resolved(host: str, port: int) -> list[str]:
    """The system's answer for a name, best first.

    Raises:
        OSError: no such name.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def addresses(host: str, port: int, resolve: Resolver = resolved) -> list[str]:
    """The addresses to connect to for a host name or a literal, in the order to try them; at least one.

    Raises:
        ForbiddenAddress: there is none that is public or named by a setting.
        OSError: no such name.
    """
    name = host.lower().rstrip(".")
    found = [ipaddress.ip_address(answer) for answer in resolve(name, port)]
    usable = [str(address) for address in found if is_public(address) or is_allowed(name, address)]
    if not usable:
        raise ForbiddenAddress(f"{name} leads to no address that may be called")
    return usable[:MOST_ADDRESSES]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: http is acceptable there only."""
    return ipaddress.ip_address(host).is_loopback if is_literal(host) else host.lower() == "localhost"


def is_literal(host: str) -> bool:
    """Whether a host is an address written out."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _holds(entry: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
