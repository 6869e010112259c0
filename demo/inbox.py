"""A mailbox for everybody: an SMTP server that keeps what it receives, with a page and a JSON interface.

Run `python -m demo.inbox --http-port 8025 --smtp-port 8026`. It listens on the loopback interface only and
keeps the last thousand messages in memory. `GET /api/messages` gives them newest first, `DELETE` empties it.
"""

import argparse
import asyncio
import threading
import weakref
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope

from demo.inbox_pages import create_app
from demo.mailbox import Mail, Mailbox
from demo.serving import HOST, WebServer, asked_to_end

LARGEST = 10 * 2**20  # bytes of one message, as most servers accept them


class _Receiver:
    """Takes every message for every address, at the end of its DATA (RFC 5321 §4.5.4 and §3.3)."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._mailbox.receive(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 2.0.0 OK"


class Inbox:
    """Both servers in threads of their own: `with Inbox() as inbox: ...`; a port of 0 is any free one.

    Raises:
        OSError: a port is taken.
    """

    def __init__(self, *, http_port: int = 0, smtp_port: int = 0) -> None:
        self.mailbox = Mailbox()
        self._talks: weakref.WeakSet[SMTP] = weakref.WeakSet()
        self._http = WebServer(lambda _url: create_app(self.mailbox), http_port)
        self._loop = asyncio.new_event_loop()
        try:
            self._smtp = self._loop.run_until_complete(self._listen(smtp_port))
        except BaseException:
            self._loop.close()
            self._http.stop()
            raise
        self._thread = threading.Thread(target=self._loop.run_forever, name="inbox-smtp", daemon=True)

    @property
    def smtp_port(self) -> int:
        """Where SMTP listens, on 127.0.0.1."""
        port: int = self._smtp.sockets[0].getsockname()[1]
        return port

    @property
    def http_url(self) -> str:
        """The page's address, without a slash at the end."""
        return self._http.url

    def messages(self) -> list[Mail]:
        """What was received and not deleted, newest first."""
        return self.mailbox.messages()

    def wait_for(self, count: int = 1, *, to: str | None = None, timeout: float = 10) -> list[Mail]:
        """The messages (to the address `to`, if given), newest first, as soon as there are at least `count`.

        Raises:
            TimeoutError: fewer came within `timeout` seconds.
        """
        return self.mailbox.wait_for(count, to=to, timeout=timeout)

    def clear(self) -> None:
        """Delete every message."""
        self.mailbox.clear()

    def start(self) -> Self:
        """Begin to serve."""
        self._http.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End both servers and free their ports."""
        self._http.stop()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    __enter__ = start

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self, port: int) -> asyncio.Server:
        return await self._loop.create_server(self._protocol, HOST, port)

    def _protocol(self) -> SMTP:
        # The host's full name is given because looking it up can take seconds.
        receiver = _Receiver(self.mailbox)
        talk = SMTP(receiver, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=self._loop)
        self._talks.add(talk)
        return talk

    async def _close(self) -> None:
        self._smtp.close()
        for talk in list(self._talks):
            if talk.transport is not None:
                talk.transport.close()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
        await self._smtp.wait_closed()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="An SMTP inbox with a web page, for demonstrations.")
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--smtp-port", type=int, default=8026)
    asked = parser.parse_args()
    ended = asked_to_end()
    try:
        inbox = Inbox(http_port=asked.http_port, smtp_port=asked.smtp_port)
    except OSError as error:
        parser.exit(1, f"The inbox cannot listen on {asked.http_port} and {asked.smtp_port}: {error.strerror}\n")
    with inbox:
        print(f"Messages: {inbox.http_url}  SMTP: {HOST}:{inbox.smtp_port}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
