"""An extranet as far as logout goes: what it is told by the broker (POST) and by browsers (GET)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from config.database import transaction
from tenants.clients import registry
from tenants.clients import service as clients
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty, Tokens
from tests.serving import up
from tests.world import TestSyndic, World

BACK, FRONT = "/backchannel_logout", "/frontchannel_logout"
PAGE = b"<!doctype html><title>Extranet</title><h1>Extranet</h1>"


@dataclass
class Call:
    """One request that arrived."""

    path: str
    values: dict[str, list[str]]
    content_type: str = ""

    @property
    def token(self) -> str:
        """The logout token: the only field of the form."""
        assert list(self.values) == ["logout_token"], f"the form holds the logout token alone, not {list(self.values)}"
        return self.values["logout_token"][0]


@dataclass
class Receiver:
    """What arrived, and what is answered: `answers` in turn, then 200; `on_post` runs before."""

    url: str
    posts: list[Call] = field(default_factory=list)
    gets: list[Call] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    on_post: Callable[[], object] = bool
    frames_wait: threading.Event | None = None

    def told(self, syndic: TestSyndic) -> list[dict[str, Any]]:
        """The claims of what was told here: each token verified with this syndic's published keys."""
        keys = KeySet.import_key_set(httpx2.get(f"{syndic.issuer}/jwks").json())
        return [jwt.decode(call.token, keys, algorithms=["RS256", "ES256"]).claims for call in self.posts]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, up for the time of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    made = Receiver(f"http://127.0.0.1:{server.server_port}")
    server.receiver = made  # type: ignore[attr-defined]  # the handler knows its server
    with up(server):
        try:
            yield made
        finally:
            if made.frames_wait:
                made.frames_wait.set()


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        receiver = self._receiver
        receiver.posts.append(Call(self.path, parse_qs(body), self.headers["Content-Type"]))
        receiver.on_post()
        status, answer = receiver.answers.pop(0) if receiver.answers else (200, b"")
        self._answer(status, answer)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._receiver.gets.append(Call(parts.path, parse_qs(parts.query)))
        if parts.path == FRONT and self._receiver.frames_wait:
            self._receiver.frames_wait.wait(60)
        self._answer(200, PAGE)

    @property
    def _receiver(self) -> Receiver:
        found = self.server.receiver  # type: ignore[attr-defined]  # set above
        assert isinstance(found, Receiver)
        return found

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def client_of(
    world: World, syndic: TestSyndic, receiver: Receiver, *, back: str = "", front: str = "", **metadata: Any
) -> TestSyndic:
    """One more client of this syndic, whose logout addresses are the receiver's: `back` and `front` are paths."""
    fields = {
        "client_name": f"Extranet {syndic.name}",
        "redirect_uris": [syndic.redirect_uri, f"{receiver.url}/callback"],
        "post_logout_redirect_uris": ["http://127.0.0.1:9999/logged-out", f"{receiver.url}/logged-out"],
        "backchannel_logout_uri": receiver.url + back if back else None,
        "frontchannel_logout_uri": receiver.url + front if front else None,
        **metadata,
    }
    with world.application.app_context(), transaction():
        client, secret = clients.add_client(syndics.get(syndic.slug), fields)
        made = replace(syndic, client_id=client.client_id, client_secret=secret)
    registry.forget()
    return made


def enter(client: TestSyndic, browser: Browser, number: int = 0) -> Tokens:
    """Sign in with the printed code of an account."""
    party, account = RelyingParty(client), client.accounts[number]
    return party.complete(sign_in(party.begin(browser), account.identifier, account.password))


def enter_silently(client: TestSyndic, browser: Browser) -> Tokens:
    """Sign in without typing anything."""
    party = RelyingParty(client)
    return party.complete(party.begin(browser))


def log_out(client: TestSyndic, browser: Browser, tokens: Tokens, **extra: str) -> Any:
    """What the extranet's own « Se déconnecter » does."""
    values = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": "http://127.0.0.1:9999/logged-out", **extra}
    return browser.get(f"{client.issuer}/end_session", params={name: value for name, value in values.items() if value})
