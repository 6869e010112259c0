"""The keys that a client publishes (`jwks_uri`, RFC 7591 §2): read once, believed for a while, never at will."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.broker.oidc.assertions import is_refused, own_token, shown, signing
from tests.client_key import ClientKey
from tests.serving import up
from tests.world import World


@dataclass
class Published:
    """What a client's own server publishes, and how often it was asked."""

    address: str = ""
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def show(self, *keys: ClientKey) -> None:
        """Publish these keys."""
        self.body = json.dumps({"keys": [key.public for key in keys]}).encode()


@contextmanager
def _publishing(*keys: ClientKey) -> Iterator[Published]:
    """Serve a JWK Set on loopback."""
    state = Published()
    state.show(*keys)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            for name, value in {"Content-Length": str(len(state.body)), **state.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}/jwks"
    with up(server):
        yield state


def test_published_keys_are_read_once_and_believed_for_a_while(world: World) -> None:
    key = ClientKey()
    with _publishing(key) as published:
        party = signing(world, key, jwks_uri=published.address)
        assert [own_token(party).status_code for _ in range(5)] == [200] * 5
        assert published.asked == 1, "not for every assertion"
        published.show(ClientKey())
        world.later(minutes=6)
        is_refused(own_token(party), "a key that the client withdrew more than five minutes ago")
        assert published.asked == 2


def test_an_unknown_kid_makes_us_look_again_but_not_at_will(world: World) -> None:
    old, new = ClientKey(), ClientKey()
    with _publishing(old) as published:
        party = signing(world, old, jwks_uri=published.address)
        assert own_token(party).status_code == 200
        for _ in range(5):
            party.key = ClientKey()
            is_refused(own_token(party), "an unknown key")
        assert published.asked == 1, "within ten seconds nobody looks again"
        published.show(old, new)
        world.later(seconds=11)
        party.key = new
        assert own_token(party).status_code == 200, "a new key of the client works at once"
        party.key = old
        assert own_token(party).status_code == 200
        assert published.asked == 2


@pytest.mark.parametrize("what", ["gone", "huge", "private", "symmetric", "junk", "list", "empty", "redirect", "error"])
def test_keys_that_cannot_be_used_are_refused_and_asked_for_at_most_every_ten_seconds(world: World, what: str) -> None:
    key = ClientKey()
    with _publishing(key) as published, _publishing(key) as elsewhere:
        good, address = published.body, published.address
        if what == "gone":
            address = "http://127.0.0.1:9/jwks"
        elif what == "huge":
            published.body = json.dumps({"keys": [key.public], "pad": "x" * 100_000}).encode()
        elif what == "private":
            published.body = json.dumps({"keys": [{**key.key.as_dict(private=True), "kid": key.kid}]}).encode()
        elif what == "symmetric":
            published.body = json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": key.kid}]}).encode()
        elif what in {"junk", "list", "empty"}:
            published.body = {"junk": b"\xff{", "list": b"[1]", "empty": b'{"keys":[]}'}[what]
        elif what == "redirect":
            published.status, published.headers = 302, {"Location": elsewhere.address}
        else:
            published.status = 500
        party = signing(world, key, jwks_uri=address)
        for _ in range(4):
            is_refused(own_token(party), what)
        assert elsewhere.asked == 0, "redirects are not followed"
        assert published.asked == (0 if what == "gone" else 1), "whoever names this client cannot make us call at will"
        published.body, published.status, published.headers = good, 200, {}
        world.later(seconds=11)
        if what != "gone":
            assert own_token(party).status_code == 200, "once they can be read again, they count"


def test_a_known_key_goes_on_working_while_the_clients_server_is_away(world: World) -> None:
    key = ClientKey()
    with _publishing(key) as published:
        party = signing(world, key, jwks_uri=published.address)
        assert own_token(party).status_code == 200
        published.status = 503
        world.later(seconds=11)
        stranger = ClientKey()
        is_refused(shown(party, stranger.assertion(party.syndic.client_id, party.syndic.issuer)), "an unknown key")
        assert own_token(party).status_code == 200, "what was read is believed for five minutes"


def test_an_assertion_is_not_used_up_by_an_old_picture_of_the_configuration(world: World) -> None:
    key = ClientKey()
    party = signing(world, key)
    assert own_token(party).status_code == 200
    refused = party.refresh("x")
    assert refused.json()["error"] == "invalid_grant"
    world.change_client(party.syndic, client_name="Nouveau nom")
    again = party.redeem("x")
    assert again.json()["error"] == "invalid_grant", f"the client is known, its code is not: {again.text}"
