"""Asking a server one thing: over a socket, or a WSGI application in this very thread."""

import http.client
import io
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.failures import BenchError
from bench.running import HOST

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """One request; `name` is what it is called in reports, `path` holds the query too."""

    name: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """POST with a body, GET without."""
        return "POST" if self.body else "GET"


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes

    def location(self) -> str:
        """Where a redirect leads.

        Raises:
            BenchError: it is none.
        """
        if self.status not in (302, 303):
            raise BenchError(f"a redirect was due, and came as {self.status}: {self.body[:300]!r}")
        return self.headers["location"]

    def json(self) -> dict[str, Any]:
        """The body of a successful answer.

        Raises:
            BenchError: it is none.
        """
        if self.status != 200:
            raise BenchError(f"an answer was due, and came as {self.status}: {self.body[:300]!r}")
        found: dict[str, Any] = json.loads(self.body)
        return found


class Asker(Protocol):
    """Whoever can be asked."""

    def ask(self, request: Request) -> Answer:
        """Ask, and return the answer as it is."""


class Wire:
    """A server on this machine; `headers` go with every request."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = headers

    def ask(self, request: Request) -> Answer:
        """Ask over a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=20)
        kind = {"Content-Type": FORM} if request.body else {}
        try:
            headers = {**self._headers, **kind, **request.headers}
            connection.request(request.method, request.path, request.body or None, headers)
            found = connection.getresponse()
            cookies = tuple(found.headers.get_all("Set-Cookie", []))
            return Answer(found.status, _lower(found.headers.items()), cookies, found.read())
        finally:
            connection.close()


Watch = Callable[[str], AbstractContextManager[None]]


class Direct:
    """A WSGI application, asked without socket or web server. `spent_s` sums CPU seconds by the requests' names."""

    def __init__(self, application: Callable[..., Any], headers: Mapping[str, str]) -> None:
        self._application = application
        self._headers = headers
        self.spent_s: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.watch: Watch = unwatched

    def ask(self, request: Request) -> Answer:
        """Ask in this thread; only the application's own time is counted."""
        environ = self._environ(request)
        answer: dict[str, Any] = {}

        def start(status: str, found: list[tuple[str, str]], _error: Any = None) -> None:
            answer.update(status=int(status[:3]), headers=_lower(found))

        with self.watch(request.name):
            before = time.thread_time()
            chunks = self._application(environ, start)
            body = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
            spent = time.thread_time() - before
        self.spent_s[request.name] = self.spent_s.get(request.name, 0.0) + spent
        self.calls[request.name] = self.calls.get(request.name, 0) + 1
        return Answer(answer["status"], answer["headers"], (), body)

    def reset(self) -> None:
        """Forget what was spent so far."""
        self.spent_s.clear()
        self.calls.clear()

    def mean_ms(self) -> dict[str, float]:
        """CPU milliseconds of one request, by name."""
        return {name: spent / self.calls[name] * 1000 for name, spent in self.spent_s.items()}

    def _environ(self, request: Request) -> dict[str, Any]:
        """PEP 3333."""
        path, _, query = request.path.partition("?")
        body = request.body.encode()
        headers = {**self._headers, **request.headers}
        return {
            "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": HOST, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": HOST,
            "CONTENT_TYPE": FORM if body else "", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }  # fmt: skip


@contextmanager
def unwatched(_name: str) -> Iterator[None]:
    """Nobody looks."""
    yield


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
