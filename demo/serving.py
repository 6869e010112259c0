"""Serving a small web application of the demonstration on the loopback interface."""

import signal
import socket
import threading
from types import FrameType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HOST = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    """Requests are not printed: addresses bear codes and tokens, and the launcher's output is for people."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; errors are still printed."""


def http_server(app: Flask, port: int) -> BaseWSGIServer:
    """A threaded server that listens already, not serving yet; a port of 0 is any free one.

    Raises:
        OSError: the port is taken. (The library itself would end the process.)
    """
    with socket.create_server((HOST, port)) as listening:
        return make_server(
            HOST, port, app, threaded=True, request_handler=_QuietHandler, fd=listening.fileno()
        )


def asked_to_end() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets; to be called from the main thread."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ended


def serve_until_ended(server: BaseWSGIServer) -> None:
    """Serve until SIGTERM or Ctrl-C, then free the port."""
    ended = asked_to_end()
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), name="http", daemon=True)
    serving.start()
    ended.wait()
    server.shutdown()
    server.server_close()
