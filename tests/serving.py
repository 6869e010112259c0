"""An application served in this process, so that a test sees what it does; what it opens is closed at once."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server


@contextmanager
def served(
    application: WSGIApplication, host: str = "127.0.0.1", port: int = 0, fd: int | None = None
) -> Iterator[int]:
    """Serve for as long as the block runs, by a thread a request; gives the port."""
    server = make_server(host, port, _whole(application), threaded=True, fd=fd)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
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
