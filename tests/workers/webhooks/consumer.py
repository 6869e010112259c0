"""A syndic's server that takes webhooks, and its own reading of RFC 9421 and RFC 9530: none of our code."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.serving import up

PATH = "/trousseau/events"
INPUT = re.compile(r'(?P<label>[a-z0-9*_.-]+)=\((?P<names>(?:"[a-z@-]+"(?: |(?=\))))*)\)(?P<parameters>(?:;[^;]+)*)')


@dataclass
class Arrived:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The body."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def parameters(self) -> dict[str, str]:
        """What the signature says of itself."""
        given = _parsed(self.headers["signature-input"])["parameters"]
        return {name: value.strip('"') for name, value in re.findall(r';([a-z]+)=("[^"]*"|[0-9]+)', given)}


@dataclass
class Consumer:
    """What arrived, and what is answered: `answers` in turn, then 204; `on_post` runs before."""

    base: str
    arrived: list[Arrived] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    on_post: Callable[[Arrived], object] = bool
    drips: threading.Event | None = None
    """Until it is set, an answer's header comes byte by byte and has no end."""

    @property
    def url(self) -> str:
        """The registered address."""
        return self.base + PATH

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was told, in order."""
        return [each.event for each in self.arrived]


@contextmanager
def consuming() -> Iterator[Consumer]:
    """A consumer, up for the time of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Takes)
    server.daemon_threads = True
    made = Consumer(f"http://127.0.0.1:{server.server_port}")
    server.consumer = made  # type: ignore[attr-defined]  # the handler knows its server
    with up(server):
        try:
            yield made
        finally:
            if made.drips:
                made.drips.set()


class _Takes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        consumer: Consumer = self.server.consumer  # type: ignore[attr-defined]  # set above
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        came = Arrived(self.command, self.path, headers, body)
        consumer.arrived.append(came)
        consumer.on_post(came)
        if consumer.drips:
            self._drip(consumer.drips)
            return
        status, more = consumer.answers.pop(0) if consumer.answers else (204, {})
        self.send_response(status)
        for name, value in {"Content-Length": "0", **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def _drip(self, enough: threading.Event) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not enough.wait(0.5):
                self.wfile.write(b"a")
                self.wfile.flush()
        except OSError:
            pass  # the other side hung up, as it should

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def verify(came: Arrived, registered: str, jwks: dict[str, Any], now: float) -> None:
    """Raise ValueError where a careful consumer would refuse. `registered`: its address, as it registered it."""
    given = _parsed(came.headers["signature-input"])
    names = given["names"].replace('"', "").split()
    if set(names) != {"@method", "@target-uri", "content-type", "content-digest"}:
        raise ValueError(f"it covers {names}")
    digest = base64.b64encode(hashlib.sha256(came.body).digest()).decode()
    if came.headers["content-digest"] != f"sha-256=:{digest}:":
        raise ValueError("the body is not the one that was signed")
    parameters = came.parameters
    if not int(parameters["created"]) - 60 <= now <= int(parameters["expires"]):
        raise ValueError("it is not of today")
    values = {"@method": came.method, "@target-uri": registered}
    lines = [f'"{name}": {values.get(name) or came.headers[name]}' for name in names]
    covered = f"({given['names']}){given['parameters']}"
    base = "\n".join([*lines, f'"@signature-params": {covered}'])
    _verify_by(_key(jwks, parameters["keyid"]), _raw(came, given["label"]), base.encode())


def keys_of(issuer: str) -> dict[str, Any]:
    """The published keys."""
    answer = httpx2.get(f"{issuer}/webhooks/jwks")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _parsed(header: str) -> dict[str, str]:
    found = INPUT.fullmatch(header)
    if found is None:
        raise ValueError(f"no signature input: {header}")
    return found.groupdict()


def _raw(came: Arrived, label: str) -> bytes:
    found = re.fullmatch(rf"{re.escape(label)}=:([A-Za-z0-9+/=]+):", came.headers["signature"])
    if found is None:
        raise ValueError("no signature of that label")
    return base64.b64decode(found[1])


def _key(jwks: dict[str, Any], key_id: str) -> ec.EllipticCurvePublicKey:
    for jwk in jwks["keys"]:
        if jwk["kid"] == key_id and jwk["crv"] == "P-256":
            x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("x", "y"))
            return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raise ValueError(f"no published key {key_id}")


def _verify_by(key: ec.EllipticCurvePublicKey, raw: bytes, base: bytes) -> None:
    if len(raw) != 64:
        raise ValueError("not two numbers of 32 bytes (RFC 9421 §3.3.4)")
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(der, base, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ValueError("the signature is not by that key over this message") from error
