"""A syndic's side of the `http` kind: a real server, as strict as a good one, and as faulty as asked."""

import hashlib
import json
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.serving import POLL_S

Answer = tuple[int, dict[str, str]]
Fault = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Person:
    """An account in the syndic's books."""

    secret: str
    holder: str
    email: str | None
    label: str
    disabled: bool = False
    disablements: int = 0
    word: str = ""
    """What the syndic calls its state, where that is a word of its own."""


@dataclass
class SyndicService:
    """The server. `fault`, once set, answers in place of the contract after the request has had its effect."""

    people: dict[str, Person] = field(default_factory=dict)
    trusts: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _receipts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    @property
    def base_url(self) -> str:
        """Also the audience that its callers must name."""
        return f"{'https' if self.tls else 'http'}://{self.name}:{self.port}/legacy"

    name: str = "127.0.0.1"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def strikes(self) -> Fault | None:
        """The fault that this very answer has."""
        return self.fault

    def hears(self, path: str, body: bytes, port: int) -> None:
        """A request has come, from a caller's port, and is about to take effect."""

    def act(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """What the contract makes of a request."""
        self.requests.append(f"{method} {path}")
        self.headers.append(headers)
        refusal = self._refusal(body, headers)
        if refusal:
            self.refusals.append(refusal)
            return 403, {"error": refusal}
        verb = path.removeprefix("/legacy/")
        if method == "GET":
            return self._state(unquote(verb.removeprefix("accounts/")))
        fields = json.loads(body)
        if verb == "verify":
            return self._verify(fields["identifier"], fields["secret"])
        return self._once(verb, fields["identifier"], headers["idempotency-key"])

    def _refusal(self, body: bytes, headers: dict[str, str]) -> str:
        try:
            bearer = headers["authorization"].removeprefix("Bearer ")
            token = jwt.decode(bearer, KeySet.import_key_set(cast("Any", self.trusts)), algorithms=["ES256"])
        except (JoseError, KeyError, ValueError) as error:
            return f"no good token: {error!r}"
        claims, now = token.claims, time.time()
        self.tokens.append({"header": token.header, **claims})
        judged = {
            "audience": claims.get("aud") == self.base_url,
            "lifetime": now - 5 < claims["exp"] <= claims["iat"] + 60,
            "body": claims.get("body_sha256") == hashlib.sha256(body).hexdigest(),
            "replay": claims["jti"] not in self._seen,
        }
        self._seen.add(claims["jti"])
        return ", ".join(what for what, good in judged.items() if not good)

    def _verify(self, identifier: str, secret: str) -> Answer:
        person = self.people.get(identifier)
        if person is None or person.disabled or person.secret != secret:
            return 401, {}
        told = {"identifier": identifier, "holder": person.holder, "label": person.label}
        return 200, told | {"email": cast("str", person.email)}

    def _state(self, identifier: str) -> Answer:
        person = self.people.get(identifier)
        if person is None:
            return 404, {}
        return 200, {"state": person.word or ("disabled" if person.disabled else "active")}

    def _once(self, verb: str, identifier: str, key: str) -> Answer:
        person = self.people.get(identifier)
        if person is None:
            return 404, {}
        if key not in self._receipts:
            self._receipts[key] = {
                "receipt": f"{verb}-{len(self._receipts)}",
                "disabled_at": "2026-11-22T10:00:00+01:00",
            }
            person.disabled = verb == "disable"
            person.disablements += person.disabled
            if verb == "reissue":
                person.secret += "-new"
        return 200, self._receipts[key]


def _handler(service: SyndicService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.hears(self.path, body, self.client_address[1])
            status, answer = service.act(self.command, self.path, body, headers)
            fault = service.strikes()
            if fault:
                self.close_connection = True
                with suppress(OSError):  # the caller may have hung up on a faulty answer
                    fault(self)
            else:
                respond(self, status, json.dumps(answer).encode())

        do_GET = do_POST = handle_any  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing: the test reads `requests`."""

    return Handler


def respond(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Send a whole answer."""
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    if handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(body)
