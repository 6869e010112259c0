"""A real SMTP server for the tests, which answers as it is told: takes mail, refuses it, breaks off, speaks TLS."""

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

Wanted = str | Iterator[str]
"""A reply in place of the usual one, or one for each time; an empty one is the usual one.

`drop` ends the conversation without any; `lose` takes the mail, and then does the same; `stall 2.5` says nothing for so
many seconds, and then takes the mail.
"""


class PostOffice:
    """Listens on a loopback port between `open` and `close`; can be opened again on the same port.

    `tls`: it offers STARTTLS, and takes mail over it only. `password`: of the user `trousseau`, who alone may send.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, password: str | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.tls, self.password = tls, password
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.said: list[bytes] = []
        """Every line that came in clear."""
        self.connections = 0
        self.to_sender: Wanted = ""
        self.to_recipient: Wanted = ""
        self.to_text: Wanted = ""
        self._controller: _Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def talking(self) -> int:
        """How many conversations go on."""
        return len(self._controller.talking) if self._controller else 0

    def open(self) -> None:
        self._controller = _Controller(self)
        self._controller.start()

    def close(self) -> None:
        """Stop listening, and break off what is going on."""
        if self._controller is not None:
            self._controller.hang_up()
            self._controller.stop()
            self._controller = None

    def hang_up(self) -> None:
        """Break off every conversation, and go on listening: what idle connections meet."""
        assert self._controller is not None
        self._controller.hang_up()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def handle_MAIL(  # noqa: N802 - the names that the server calls
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.senders.append(address)
        envelope.mail_from = address
        return _reply(server, self.to_sender)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return _reply(server, self.to_recipient)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd names it
        wanted = _next(self.to_text)
        if wanted.startswith("stall "):
            await asyncio.sleep(float(wanted.removeprefix("stall ")))
            wanted = ""
        if wanted in ("", "lose"):
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
        return _reply(server, wanted)

    def lets_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Whether that is the user and the password. A server that says too much, so that we need not."""
        right = (given.login, given.password) == (b"trousseau", (self.password or "").encode())
        told = None if right else f"535 5.7.8 {given.password.decode()} is not the password of {given.login.decode()}"
        return AuthResult(success=right, handled=False, message=told)


def _next(wanted: Wanted) -> str:
    return wanted if isinstance(wanted, str) else next(wanted, "")


def _reply(server: Any, wanted: Wanted) -> str:
    reply = _next(wanted)
    if reply in ("drop", "lose"):
        server.transport.abort()
        return ""
    return reply or "250 2.0.0 OK"


class _Protocol(SMTP):
    """Tells the controller of each connection."""

    def __init__(self, office: PostOffice, talking: set[Any]) -> None:
        super().__init__(
            office,
            hostname="localhost",
            enable_SMTPUTF8=False,
            tls_context=office.tls,
            require_starttls=office.tls is not None,
            authenticator=office.lets_in if office.password else None,
            auth_required=office.password is not None,
        )
        self._office, self._talking = office, talking
        self._line: Any = None

    def connection_made(self, transport: Any) -> None:
        if self._line is None:  # it is called again when TLS begins
            self._line = transport
            self._office.connections += 1
            self._talking.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._talking.discard(self._line)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """What arrives before TLS is in clear; afterwards another transport is spoken over."""
        if self.transport is self._line:
            self._office.said.append(data)
        super().data_received(data)


class _Controller(Controller):
    def __init__(self, office: PostOffice) -> None:
        super().__init__(office, hostname="127.0.0.1", port=office.port)
        self.talking: set[Any] = set()

    def factory(self) -> SMTP:
        return _Protocol(self.handler, self.talking)

    def hang_up(self) -> None:
        for transport in list(self.talking):
            self.loop.call_soon_threadsafe(transport.abort)
        self.talking.clear()
