"""One connection to a directory: to a checked address, under TLS, bounded in time and size, speaking in turns."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from config.outgoing import guard
from config.outgoing.transport import TIMEOUT_S, WHOLE_S
from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.connectors.ldap import ber, messages
from tenants.legacy.connectors.ldap.messages import Change, Entry

MOST_ANSWERS = 20


class Wire:
    """A directory that answers. Whatever is not LDAP, or too late, or a referral, is a source that does not answer."""

    def __init__(self, made: socket.socket, ends_at: float, timeout_s: float) -> None:
        self._socket, self._ends_at, self._timeout_s, self._number = made, ends_at, timeout_s, 0

    @classmethod
    @contextmanager
    def to(
        cls, host: str, port: int, timeout_s: float = TIMEOUT_S, resolve: guard.Resolver = guard.resolved
    ) -> Iterator[Self]:
        """Connect to the first checked address that answers, for the length of a `with` block.

        The guard stands here: the name is resolved once, and the connection goes to an address of that answer.

        Raises:
            SourceUnavailable: there is none.
        """
        ends_at = time.monotonic() + WHOLE_S
        with _as_unavailable():
            made = _connected(guard.addresses(host, port, resolve), port, timeout_s)
        wire = cls(made, ends_at, timeout_s)
        try:
            yield wire
        finally:
            wire._close()

    def secure(self, tls: ssl.SSLContext, name: str, *, ask: bool) -> None:
        """Go on under TLS with whoever proves to be `name`; `ask` first, on a port that begins in clear (STARTTLS).

        What stood in clear before counts for nothing: each answer is read to its last byte and no further.

        Raises:
            SourceUnavailable: refused, or somebody else.
        """
        if ask and (code := self._result(messages.start_tls(), messages.EXTENDED_ANSWER)) != messages.SUCCESS:
            raise SourceUnavailable(f"the directory refuses TLS: {code}")
        with _as_unavailable():
            self._socket.settimeout(self._left())
            self._socket = tls.wrap_socket(self._socket, server_hostname=name)

    def bind(self, dn: str, password: str) -> int:
        """Authenticate; the result's code. Without a name or a password nobody is asked, and nobody is right.

        A directory may take an empty password for an anonymous visitor, with success (RFC 4513 §5.1.2, §6.3.1).
        """
        if not dn or not password:
            return messages.INVALID_CREDENTIALS
        return self._result(messages.bind(dn, password), messages.BOUND)

    def find(self, base: str, scope: int, wanted: Mapping[str, str], attributes: Sequence[str]) -> list[Entry]:
        """The first two entries with these values, under a base or (`ONE_ENTRY`) this one itself.

        References to other servers are passed over: no referral is ever followed.

        Raises:
            SourceUnavailable: the directory does not search there.
        """
        asked = messages.search(base, scope, wanted, attributes)
        found = []
        for kind, contents in self._answers(asked):
            if kind == messages.ENTRY:
                found.append(messages.entry(contents))
            elif kind == messages.FOUND:
                code = messages.result(contents)
                if code == messages.NO_OBJECT and scope == messages.ONE_ENTRY:
                    return []
                _expect(code, messages.SUCCESS, messages.TOO_MANY)
                return found
            elif kind != messages.ELSEWHERE:
                break
        raise SourceUnavailable("the directory's answer to a search has no end")

    def modify(self, dn: str, changes: Sequence[Change]) -> None:
        """Change an entry, wholly or not at all.

        Raises:
            SourceUnavailable: refused.
        """
        _expect(self._result(messages.modify(dn, changes), messages.MODIFIED), messages.SUCCESS)

    def _result(self, request: bytes, expected: int) -> int:
        kind, contents = next(self._answers(request))
        if kind != expected:
            raise SourceUnavailable("the directory answers something else")
        return messages.result(contents)

    def _answers(self, request: bytes) -> Iterator[tuple[int, bytes]]:
        """Send a request; its answers as they come. One that nobody asked for (§4.4: it hangs up) ends the call."""
        self._number += 1
        self._send(messages.message(self._number, request))
        for _ in range(MOST_ANSWERS):
            number, kind, contents = messages.opened(self._received())
            if number != self._number:
                raise SourceUnavailable("the directory ends the connection, or answers what was not asked")
            yield kind, contents
        raise SourceUnavailable("the directory gives too many answers")

    def _send(self, data: bytes) -> None:
        with _as_unavailable():
            self._socket.settimeout(self._left())
            self._socket.sendall(data)

    def _received(self) -> bytes:
        """One whole message, and not a byte of the next one."""
        data = b""
        while (head := ber.header(data)) is None:
            data += self._read(1)
        return data + self._exactly(head[1] + head[2] - len(data))

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            data += self._read(count - len(data))
        return bytes(data)

    def _read(self, most: int) -> bytes:
        with _as_unavailable():
            self._socket.settimeout(self._left())
            data = self._socket.recv(most)
        if not data:
            raise SourceUnavailable("no answer: the directory hung up")
        return data

    def _left(self) -> float:
        left = min(self._timeout_s, self._ends_at - time.monotonic())
        if left <= 0:
            raise SourceUnavailable("no answer: the call takes too long")
        return left

    def _close(self) -> None:
        with suppress(OSError):
            self._socket.settimeout(0)
            self._socket.sendall(messages.message(self._number + 1, messages.unbind()))
        self._socket.close()


def _connected(addresses: list[str], port: int, timeout_s: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError as error:
            failure = error
    raise failure or OSError("no address")


def _expect(code: int, *wanted: int) -> None:
    if code == messages.REFERRAL:
        raise SourceUnavailable("the directory refers to another one, and referrals are not followed")
    if code not in wanted:
        raise SourceUnavailable(f"the directory refuses: result {code}")


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (OSError, guard.ForbiddenAddress, UnicodeError) as error:
        raise SourceUnavailable(f"no answer: {type(error).__name__}: {error}") from error
