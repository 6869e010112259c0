"""Where a provider's answers arrive: callbacks, logout returns, logout tokens, logout frames; one loopback port."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.browser import Page
from tests.serving import POLL_S

NUMBER = "X-Arrival"
PATIENCE_S = 20.0
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Arrival:
    """One request as it came: parameters in their order, repeated ones too."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    content_type: str


class Receiver:
    """An HTTP server that keeps what arrives and answers with a page that says so; to be stopped."""

    def __init__(self) -> None:
        self._arrivals: list[Arrival] = []
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serves(self, address: str) -> bool:
        """Whether an address is one of its own."""
        return address.startswith(f"{self.url}/")

    def behind(self, page: Page) -> Arrival:
        """The request that a page of its own answered."""
        return self._arrivals[int(page.response.headers[NUMBER])]

    def has_had(self, path: str) -> bool:
        """Whether anything has arrived at `path`."""
        return any(arrival.path == path for arrival in self._arrivals)

    def wait_for(self, path: str, promise: str, wanted: Callable[[Arrival], bool]) -> Arrival:
        """The first arrival at `path` that is `wanted`; fails with `promise` when none comes in time."""
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while True:
                for arrival in self._arrivals:
                    if arrival.path == path and wanted(arrival):
                        return arrival
                left = deadline - time.monotonic()
                assert self._changed.wait(max(left, 0)), f"{promise}: nothing came to {path} in {PATIENCE_S:.0f} s"

    def keep(self, arrival: Arrival) -> int:
        """Remember an arrival; its number."""
        with self._changed:
            self._arrivals.append(arrival)
            self._changed.notify_all()
            return len(self._arrivals) - 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _answer(self, body: bytes) -> None:
                number = receiver.keep(_arrival(self, body))
                self.send_response(200)
                self.send_header("Content-Type", HTML)
                self.send_header("Cache-Control", "no-store")
                self.send_header(NUMBER, str(number))
                self.end_headers()
                self.wfile.write(b"<!DOCTYPE html><title>Received</title><h1>Received</h1>")

            def log_message(self, *_: object) -> None:
                """Nothing: an address may hold a code."""

        return Handler


def _arrival(request: BaseHTTPRequestHandler, body: bytes) -> Arrival:
    parts = urlsplit(request.path)
    content_type = request.headers.get_content_type() if body else ""
    return Arrival(
        method=request.command,
        path=parts.path,
        query=parse_qsl(parts.query, keep_blank_values=True),
        form=parse_qsl(body.decode(), keep_blank_values=True),
        content_type=content_type,
    )
