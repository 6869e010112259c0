"""Servers in this process, so that a test sees what they do; what an application opens is closed at once."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server

POLL_S = 0.01
"""How soon a server looks up that was told to end: half a second by default, for which each of its tests would wait."""


@contextmanager
def served(
    application: WSGIApplication, host: str = "127.0.0.1", port: int = 0, fd: int | None = None
) -> Iterator[int]:
    """Serve for as long as the block runs, by a thread a request; gives the port."""
    server = make_server(host, port, _whole(application), threaded=True, fd=fd)
    with up(server):
        yield server.server_address[1]


@contextmanager
def up(server: BaseServer) -> Iterator[None]:
    """Serve in a thread for as long as the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(application: WSGIApplication) -> WSGIApplication:
    """Answers that hold no file: Werkzeug's server closes none whose visitor goes away meanwhile."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = application(environ, start)
        try:
            return [b"".join(body)]
        finally:
            getattr(body, "close", bool)()

    return answer
