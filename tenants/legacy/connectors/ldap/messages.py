"""LDAP's messages (RFC 4511 §4): the requests that the contract needs, and what is read of their answers.

A filter is never text here: names and values are strings of their own in the message, so that whatever stands in an
identifier can be nothing but a value (no injection, CWE-90).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.connectors.ldap import ber

VERSION = 3
BIND, BOUND, UNBIND, SEARCH, ENTRY, FOUND, MODIFY, MODIFIED = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65, 0x66, 0x67
ELSEWHERE, EXTENDED, EXTENDED_ANSWER = 0x73, 0x77, 0x78
SIMPLE, AND, EQUALS, REQUEST_NAME = 0x80, 0xA0, 0xA3, 0x80
START_TLS = "1.3.6.1.4.1.1466.20037"
ONE_ENTRY, SUBTREE = 0, 2
NEVER_DEREFERENCE = 0
MOST_ENTRIES, MOST_SECONDS = 2, 3
"""One entry is wanted: a second shows that the name is not one account's."""

SUCCESS, TOO_MANY, REFERRAL, NO_OBJECT = 0, 4, 10, 32
CONSTRAINT, INAPPROPRIATE, INVALID_CREDENTIALS, UNWILLING = 19, 48, 49, 53

Change = tuple[int, str, Sequence[str]]
"""What to do (`REPLACE`), with which attribute, and its values: none of them removes it."""
REPLACE = 2


@dataclass(frozen=True)
class Entry:
    """What the directory holds under a name. Attributes by their names in lower case, without options."""

    dn: str
    attributes: Mapping[str, Sequence[str]]

    def first(self, attribute: str) -> str:
        """The first value of an attribute, or nothing."""
        return next(iter(self.attributes.get(attribute.lower(), ())), "")

    def has(self, attribute: str, value: str) -> bool:
        """Whether an attribute holds a value, whatever its case (as most attributes are compared)."""
        return value.casefold() in (each.casefold() for each in self.attributes.get(attribute.lower(), ()))


def message(number: int, request: bytes) -> bytes:
    """A request in its envelope (§4.1.1)."""
    return ber.element(ber.SEQUENCE, ber.integer(number), request)


def bind(dn: str, password: str) -> bytes:
    """Simple authentication (§4.2)."""
    return ber.element(BIND, ber.integer(VERSION), ber.octets(dn), ber.octets(password, SIMPLE))


def search(base: str, scope: int, wanted: Mapping[str, str], attributes: Iterable[str]) -> bytes:
    """The first two entries all of whose `wanted` attributes have these values (§4.5)."""
    equal = (ber.element(EQUALS, ber.octets(name), ber.octets(value)) for name, value in wanted.items())
    return ber.element(
        SEARCH,
        ber.octets(base),
        ber.integer(scope, ber.ENUMERATED),
        ber.integer(NEVER_DEREFERENCE, ber.ENUMERATED),
        ber.integer(MOST_ENTRIES),
        ber.integer(MOST_SECONDS),
        ber.element(ber.BOOLEAN, b"\x00"),
        ber.element(AND, *equal),
        ber.element(ber.SEQUENCE, *(ber.octets(name) for name in attributes)),
    )


def modify(dn: str, changes: Iterable[Change]) -> bytes:
    """Changes of one entry, all or none (§4.6)."""
    made = []
    for what, name, values in changes:
        held = ber.element(ber.SET, *(ber.octets(value) for value in values))
        attribute = ber.element(ber.SEQUENCE, ber.octets(name), held)
        made.append(ber.element(ber.SEQUENCE, ber.integer(what, ber.ENUMERATED), attribute))
    return ber.element(MODIFY, ber.octets(dn), ber.element(ber.SEQUENCE, *made))


def start_tls() -> bytes:
    """Ask for TLS (§4.14)."""
    return ber.element(EXTENDED, ber.octets(START_TLS, REQUEST_NAME))


def unbind() -> bytes:
    """Say goodbye (§4.3)."""
    return ber.element(UNBIND)


def opened(data: bytes) -> tuple[int, int, bytes]:
    """Number, kind and contents of an answer.

    Raises:
        SourceUnavailable: not LDAP's.
    """
    parts = ber.elements(_only(data, ber.SEQUENCE))
    if len(parts) < 2 or parts[0][0] != ber.INTEGER:
        raise SourceUnavailable("the directory's answer is no LDAP")
    return int.from_bytes(parts[0][1]), *parts[1]


def result(contents: bytes) -> int:
    """The code of a result (§4.1.9). Its text is the directory's own, and might repeat what was sent.

    Raises:
        SourceUnavailable: not LDAP's.
    """
    parts = ber.elements(contents)
    if len(parts) < 3 or parts[0][0] != ber.ENUMERATED:
        raise SourceUnavailable("the directory's answer is no LDAP")
    return int.from_bytes(parts[0][1])


def entry(contents: bytes) -> Entry:
    """An entry that was found (§4.5.2). Values that are no text are left out.

    Raises:
        SourceUnavailable: not LDAP's.
    """
    parts = ber.elements(contents)
    if len(parts) != 2:
        raise SourceUnavailable("the directory's answer is no LDAP")
    attributes = {}
    for _, held in ber.elements(parts[1][1]):
        pair = ber.elements(held)
        if len(pair) != 2:
            raise SourceUnavailable("the directory's answer is no LDAP")
        name = _text(pair[0][1]).partition(";")[0].lower()
        attributes[name] = [_text(value) for _, value in ber.elements(pair[1][1]) if _is_text(value)]
    return Entry(_text(parts[0][1]), attributes)


def _only(data: bytes, tag: int) -> bytes:
    found = ber.elements(data)
    if len(found) != 1 or found[0][0] != tag:
        raise SourceUnavailable("the directory's answer is no LDAP")
    return found[0][1]


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(value: bytes) -> str:
    if not _is_text(value):
        raise SourceUnavailable("the directory's answer holds a name that is no UTF-8")
    return value.decode()
