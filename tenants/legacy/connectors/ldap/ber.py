"""The part of BER that LDAP uses (X.690; RFC 4511 §5.1: definite lengths, primitive strings, one-byte tags)."""

from config.outgoing.transport import LARGEST_ANSWER
from tenants.legacy.connectors.contract import SourceUnavailable

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
LONG_TAG = 0x1F


def element(tag: int, *contents: bytes) -> bytes:
    """One element: its tag, the length, and what it holds."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A number that is not negative."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1))


def octets(value: str | bytes, tag: int = OCTETS) -> bytes:
    """A string: its bytes as they are, so nothing in it can mean anything else."""
    return element(tag, value.encode() if isinstance(value, str) else value)


def header(data: bytes) -> tuple[int, int, int] | None:
    """Tag, length of the header and length of the contents; None: there is more of the header to come.

    Raises:
        SourceUnavailable: no element of LDAP's, or one that is too large.
    """
    if len(data) < 2:
        return None
    tag, first = data[0], data[1]
    if tag & LONG_TAG == LONG_TAG or first == 0x80 or first > 0x84:
        raise SourceUnavailable("the directory's answer is no LDAP")
    if first < 0x80:
        return tag, 2, first
    size = 2 + (first & 0x7F)
    if len(data) < size:
        return None
    length = int.from_bytes(data[2:size])
    if length > LARGEST_ANSWER:
        raise SourceUnavailable("the directory's answer is too large")
    return tag, size, length


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that stand one after the other, each with its tag and contents: one level, nothing is nested.

    Raises:
        SourceUnavailable: cut short, or no element of LDAP's.
    """
    found, at = [], 0
    while at < len(data):
        head = header(data[at : at + 6])
        if head is None or at + head[1] + head[2] > len(data):
            raise SourceUnavailable("the directory's answer is cut short")
        tag, size, length = head
        found.append((tag, data[at + size : at + size + length]))
        at += size + length
    return found
