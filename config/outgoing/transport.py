"""The HTTP client of all outgoing calls: one per process, behind the guard, bounded in time and size."""

import os
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2

from config.outgoing import guard

TIMEOUT_S = 3.0
KEPT_S = 2.0
"""Idle connections go sooner than common servers (5 s and more) hang up on them: a call never meets that."""
LARGEST_ANSWER = 64 * 1024
WHOLE_S = 10.0
"""A call ends by then, whatever the other side does: each drop of a dripping answer alone is in time."""

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)
"""When the call under way must be over (`time.monotonic`)."""


class UnusableAnswer(Exception):  # noqa: N818 - an answer, and not one of ours
    """No answer, or one that is too large or encoded. The text is for the log."""


_POOL_ERRORS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step also ends with the call."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _at_most(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _at_most(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        limited = _at_most(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limited))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens connections to checked addresses only.

    The guard stands here, below the pool: the name stays in the Host header, in the TLS handshake and in the
    pool's key, and no caller can forget the check.
    """

    def __init__(self, resolve: guard.Resolver) -> None:
        self._resolve = resolve
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first checked address that answers."""
        failure: Exception | None = None
        for address in self._checked(host, port):
            try:
                limited = _at_most(timeout, httpcore2.ConnectTimeout)
                return _Stream(self._plain.connect_tcp(address, port, limited, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError("no address")

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            return guard.addresses(host, port, self._resolve)
        except (guard.ForbiddenAddress, OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error


class _Body(httpx2.SyncByteStream):
    """The pool's stream under httpx2's name."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class GuardedTransport(httpx2.BaseTransport):
    """httpx2 over a connection pool whose connections the guard opens. Proxies of the environment are not used."""

    def __init__(self, resolve: guard.Resolver, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=20,
            keepalive_expiry=KEPT_S,
            network_backend=GuardedBackend(resolve),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        url = request.url
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        answer = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                target,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def make_client(
    resolve: guard.Resolver = guard.resolved, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S
) -> httpx2.Client:
    """A client that follows no redirect and takes no compressed answer."""
    return httpx2.Client(
        transport=GuardedTransport(resolve, tls),
        timeout=timeout_s,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Trousseau"},
    )


@lru_cache(maxsize=1)
def client() -> httpx2.Client:
    """The client of this process."""
    return make_client()


os.register_at_fork(after_in_child=client.cache_clear)  # two processes must not talk through one socket


def fetch(used: httpx2.Client, request: httpx2.Request) -> tuple[int, bytes]:
    """Send a request; the answer's status and body. Otherwise as `exchange`."""
    answer = exchange(used, request)
    return answer.status, answer.body


def exchange(used: httpx2.Client, request: httpx2.Request) -> Answer:
    """Send a request, and read the whole answer.

    Raises:
        UnusableAnswer: none came within `WHOLE_S` seconds, or it is larger than `LARGEST_ANSWER` bytes.
    """
    try:
        with _limited():
            answer = used.send(request, stream=True)
            try:
                return Answer(answer.status_code, dict(answer.headers), _bounded(answer))
            finally:
                answer.close()
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, *_POOL_ERRORS) as error:
        raise UnusableAnswer(f"no answer: {type(error).__name__}: {error}") from error


@contextmanager
def _limited() -> Iterator[None]:
    token = _ends_at.set(time.monotonic() + WHOLE_S)
    try:
        yield
    finally:
        _ends_at.reset(token)


def _at_most(timeout: float | None, error: type[Exception]) -> float | None:
    """What a step may take: its own time, or what is left of the call's."""
    end = _ends_at.get()
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise error("the call takes too long")
    return left if timeout is None else min(left, timeout)


def _bounded(answer: httpx2.Response) -> bytes:
    """The body; a source that sends it drop by drop is cut off, since each drop alone is in time."""
    body, deadline = bytearray(), time.monotonic() + TIMEOUT_S
    for piece in answer.iter_raw():
        body += piece
        if time.monotonic() > deadline:
            raise UnusableAnswer("the answer takes too long")
        if len(body) > LARGEST_ANSWER:
            raise UnusableAnswer("the answer is too large")
    return bytes(body)
