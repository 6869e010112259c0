"""The requests of a flow, put to a WSGI application directly: no socket, no web server."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from bench.driver import SCOPE
from bench.failures import BenchError
from bench.target import Endpoints
from bench.visitors import Visitor

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
FORM = "application/x-www-form-urlencoded"
Wsgi = Callable[..., Any]
Watch = Callable[[str], Any]


class Direct:
    """One visitor after the other walks the flow in this very thread. `spent` sums CPU seconds by endpoint."""

    def __init__(self, application: Wsgi, host: str, endpoints: Endpoints) -> None:
        self._application = application
        self._host = host
        self._endpoints = endpoints
        self.spent: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.watch: Watch = _unwatched

    def flow(self, visitor: Visitor) -> dict[str, Any]:
        """Authorize, token, userinfo; returns the tokens.

        Raises:
            BenchError: an answer was wrong.
        """
        tokens = self.token(visitor, self.authorize(visitor))
        self.userinfo(visitor, tokens["access_token"])
        return tokens

    def authorize(self, visitor: Visitor) -> str:
        """The code for this visitor."""
        query = {
            "response_type": "code", "client_id": visitor.client_id, "redirect_uri": visitor.redirect_uri,
            "scope": SCOPE, "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        path = visitor.prefix + self._endpoints.authorize
        _, headers, _ = self._ask("authorize", path, 302, query=urlencode(query), HTTP_COOKIE=visitor.cookie)
        found = parse_qs(urlsplit(headers["Location"]).query).get("code")
        if not found:
            raise BenchError(f"no code was given: {headers['Location']}")
        return found[0]

    def token(self, visitor: Visitor, code: str) -> dict[str, Any]:
        """What the code gives."""
        body = f"grant_type=authorization_code&code={quote(code)}&code_verifier={VERIFIER}"
        return self._post("token", visitor, f"{body}&redirect_uri={quote(visitor.redirect_uri, safe='')}")

    def refresh(self, visitor: Visitor, token: str) -> dict[str, Any]:
        """What a refresh token gives."""
        return self._post("refresh", visitor, f"grant_type=refresh_token&refresh_token={quote(token)}")

    def userinfo(self, visitor: Visitor, access: str) -> dict[str, Any]:
        """What userinfo tells."""
        path = visitor.prefix + self._endpoints.userinfo
        return json.loads(self._ask("userinfo", path, 200, HTTP_AUTHORIZATION=f"Bearer {access}")[2])  # type: ignore[no-any-return]

    def document(self, name: str, visitor: Visitor) -> None:
        """A public document: `discovery` or `jwks`."""
        self._ask(name, visitor.prefix + getattr(self._endpoints, name), 200)

    def _post(self, name: str, visitor: Visitor, body: str) -> dict[str, Any]:
        path = visitor.prefix + self._endpoints.token
        answer = self._ask(name, path, 200, body=body.encode(), HTTP_AUTHORIZATION=visitor.basic)
        return json.loads(answer[2])  # type: ignore[no-any-return]

    def _ask(
        self, name: str, path: str, expected: int, query: str = "", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        environ = self._environ(path, query, body) | headers
        answer: dict[str, Any] = {}

        def start(status: str, found: list[tuple[str, str]], _error: Any = None) -> None:
            answer.update(status=int(status[:3]), headers=dict(found))

        with self.watch(name):
            before = time.thread_time()
            chunks = self._application(environ, start)
            content = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
            self.spent[name] = self.spent.get(name, 0.0) + time.thread_time() - before
        self.calls[name] = self.calls.get(name, 0) + 1
        if answer["status"] != expected:
            raise BenchError(f"{name} answered {answer['status']}: {content[:300]!r}")
        return answer["status"], answer["headers"], content

    def _environ(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        """PEP 3333, with what one proxy in front says."""
        return {
            "REQUEST_METHOD": "POST" if body else "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": self._host,
            "REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7", "HTTP_X_FORWARDED_PROTO": "https",
            "CONTENT_TYPE": FORM if body else "", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip


@contextmanager
def _unwatched(_name: str) -> Iterator[None]:
    yield
