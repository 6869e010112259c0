"""A real SMTP server for the tests, which answers as it is told: takes mail, refuses it, breaks off."""

import email
import email.policy
import socket
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class PostOffice:
    """Listens on a loopback port between `open` and `close`; can be opened again on the same port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.to_sender = self.to_recipient = self.to_text = ""
        """Replies in place of the usual ones; `drop` ends the conversation without any."""
        self._controller: _Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

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
        envelope.mail_from = address
        return _reply(server, self.to_sender)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return _reply(server, self.to_recipient)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd names it
        if not self.to_text:
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
        return _reply(server, self.to_text)


def _reply(server: Any, wanted: str) -> str:
    if wanted == "drop":
        server.transport.abort()
        return ""
    return wanted or "250 2.0.0 OK"


class _Protocol(SMTP):
    """Tells the controller of each connection."""

    def __init__(self, office: PostOffice, open_transports: set[Any]) -> None:
        super().__init__(office, hostname="localhost", enable_SMTPUTF8=False)
        self._office, self._open = office, open_transports

    def connection_made(self, transport: Any) -> None:
        self._office.connections += 1
        self._open.add(transport)
        super().connection_made(transport)


class _Controller(Controller):
    def __init__(self, office: PostOffice) -> None:
        super().__init__(office, hostname="127.0.0.1", port=office.port)
        self._transports: set[Any] = set()

    def factory(self) -> SMTP:
        return _Protocol(self.handler, self._transports)

    def hang_up(self) -> None:
        for transport in list(self._transports):
            self.loop.call_soon_threadsafe(transport.abort)
        self._transports.clear()
