"""HTTP as bytes: requests that no client library would let out, and answers read without forgiving anything."""

import json
import re
import socket
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

Pair = tuple[bytes, bytes]
PATIENCE_S = 30.0
"""Nothing that a stranger sends may hang the service."""
HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\x20-\x7e]*")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BOUNDARY = b"------a-boundary"
NOT_IN_A_LINE = re.compile(rb"[\x00-\x20\x7f]")


class Raw(bytes):
    """A value that goes out as it is, where others are percent-encoded."""

    __slots__ = ()


@dataclass(frozen=True)
class Wire:
    """A request. Names and values are bytes; they are encoded when it is sent, as its `shape` says."""

    method: str
    path: str
    query: tuple[Pair, ...] = ()
    form: tuple[Pair, ...] = ()
    headers: tuple[Pair, ...] = ()
    cookies: tuple[Pair, ...] = ()
    shape: str = "urlencoded"
    """Of the body: `urlencoded`, `multipart`, `chunked`, `unlengthed`, `json`, or a content type of its own."""

    def put(self, part: str, pairs: tuple[Pair, ...]) -> "Wire":
        """The same request with other pairs as its `query`, `form`, `headers` or `cookies`."""
        return replace(self, **{part: pairs})  # type: ignore[arg-type]  # one of the four

    def sent(self, part: str, name: bytes) -> list[bytes]:
        """The values that it sends under a name."""
        return [value for key, value in getattr(self, part) if key == name]


@dataclass(frozen=True)
class Reply:
    """An answer, parsed to the letter. `broken` are header lines that RFC 9110 §5 does not know."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    broken: list[bytes] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The one value of a header; empty without it."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found)

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode("utf-8")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the address that it redirects to."""
        return parse_qsl(urlsplit(self.header("Location")).query, keep_blank_values=True, errors="strict")


def send(base: str, request: Wire) -> Reply:
    """Send one request to the server at `base` and read its answer to the end of the connection."""
    return exchange(base, serialised(base, request))


def exchange(base: str, raw: bytes) -> Reply:
    """Send these very bytes, say that no more will come, and read the answer."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), PATIENCE_S) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        received = bytearray()
        while piece := line.recv(65536):
            received += piece
    return _parsed(bytes(received))


def serialised(base: str, request: Wire) -> bytes:
    """The request as it goes over the line."""
    address = request.path.encode("latin-1")
    if request.query:
        address += b"?" + NOT_IN_A_LINE.sub(b"", encoded(request.query))
    given = {name.lower() for name, _ in request.headers}
    headers = [] if b"host" in given else [(b"Host", urlsplit(base).netloc.encode())]
    headers += [*request.headers, (b"Connection", b"close")]
    if request.cookies:
        headers.append((b"Cookie", b"; ".join(name + b"=" + value for name, value in request.cookies)))
    kind, length, body = _body(request)
    headers += [] if b"content-type" in given or kind is None else [(b"Content-Type", kind)]
    headers += [] if b"content-length" in given or length is None else [length]
    lines = [request.method.encode() + b" " + address + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def encoded(pairs: tuple[Pair, ...]) -> bytes:
    """`application/x-www-form-urlencoded`, but for what is `Raw`."""
    return b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in pairs)


def _quoted(value: bytes) -> bytes:
    return value if isinstance(value, Raw) else quote_from_bytes(value, safe="").encode()


def _body(request: Wire) -> tuple[bytes | None, Pair | None, bytes]:
    """Content type, the header of the length, and the body."""
    if request.method == "GET" and not request.form:
        return None, None, b""
    kind, body = b"application/x-www-form-urlencoded", encoded(request.form)
    if request.shape == "multipart":
        kind, body = b"multipart/form-data; boundary=" + BOUNDARY[2:], _multipart(request.form)
    elif request.shape == "json":
        values = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.form}
        kind, body = b"application/json", json.dumps(values).encode()
    elif request.shape == "chunked":
        half = len(body) // 2
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
        return kind, (b"Transfer-Encoding", b"chunked"), body + b"0\r\n\r\n"
    elif request.shape == "unlengthed":
        return kind, None, body
    elif request.shape != "urlencoded":
        kind = request.shape.encode("latin-1")
    return kind, (b"Content-Length", b"%d" % len(body)), body


def _multipart(pairs: tuple[Pair, ...]) -> bytes:
    part = b'%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
    return b"".join(part % (BOUNDARY, name, value) for name, value in pairs) + BOUNDARY + b"--\r\n"


def _parsed(received: bytes) -> Reply:
    while received.startswith(CONTINUE):
        received = received.removeprefix(CONTINUE)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    found = re.fullmatch(rb"HTTP/1\.[01] (\d{3}) [\x20-\x7e]*", first)
    assert found, f"an answer was promised, not {received[:200]!r}"
    headers = [tuple(line.decode("latin-1").split(": ", 1)) for line in lines if HEADER.fullmatch(line)]
    broken = [line for line in lines if not HEADER.fullmatch(line)]
    return Reply(int(found.group(1)), headers, body, broken)  # type: ignore[arg-type]  # two parts each
