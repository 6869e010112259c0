"""Serving a small web application of the demonstration on the loopback interface."""

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

HOST = "127.0.0.1"
POLL = 0.05  # seconds until a server notices that it is to end


class _QuietHandler(WSGIRequestHandler):
    """Requests are not printed: addresses bear codes and tokens, and the launcher's output is for people."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; errors are still printed."""


class WebServer:
    """One application in threads of its own: `with WebServer(make_app, 0) as server: server.url`.

    `make_app` is given the server's address (without a slash at the end), which is known once it listens.

    Raises:
        OSError: the port is taken. (The library itself would end the process.)
    """

    def __init__(self, make_app: Callable[[str], Flask], port: int) -> None:
        with socket.create_server((HOST, port)) as listening:
            self.url = f"http://{HOST}:{listening.getsockname()[1]}"
            self._server = make_server(HOST, port, make_app(self.url), True, 1, _QuietHandler, fd=listening.fileno())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="http", daemon=True)

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End, and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    __enter__ = start

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def asked_to_end() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets; to be called from the main thread."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ended
