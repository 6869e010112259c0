"""One visitor of a broker that is watched: what each request is told, and the work that it costs."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from urllib.parse import unquote

import httpx2
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url

from broker.app import create_app
from broker.embedded import Addresses
from broker.web import cookies
from config.database import db
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.settings import settings
from tenants.clients import registry
from tests.broker.oidc.round_trips import RoundTrips, counted
from tests.security.no_oracle import hashing

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
RANDOM = re.compile(
    r"(?<=nonce-)[^']+|(?<=nonce=\")[^\"]+|(?<=name=\"csrf_token\" value=\")[^\"]+|(?<=name=\"shown\" value=\")[^\"]+"
)
"""What is random by nature: the nonces of the content security policy, the tokens that protect forms, and the signed
word of which terms were shown, and when."""
SHOWN = re.compile(r'name="shown" value="([^"]+)"')
DRIVERS_OWN = "DEALLOCATE"
"""What the driver forgets of earlier statements, whenever it holds too many."""
COOKIE = re.compile(r"\A([^=]+=)[^;]*")
EXPIRES = re.compile(r"(?<=Expires=)[^;]*")
"""The instant of the answer and `Max-Age`, which says it too."""


@dataclass(frozen=True)
class Told:
    """All that one answer gives away, and all the work behind it."""

    status: int
    headers: tuple[str, ...]
    body: str
    hashes: tuple[tuple[str, int], ...]
    statements: tuple[str, ...]

    def difference(self, other: "Told") -> str:
        """What of `other` is not the same, in words; nothing where all is."""
        found = [
            f"{name}:\n"
            + "\n".join(
                difflib.unified_diff(_lines(getattr(self, name)), _lines(theirs), "one", "other", lineterm="", n=0)
            )
            for name, theirs in vars(other).items()
            if theirs != getattr(self, name)
        ]
        return "\n".join(found)[:4000]


@dataclass
class Visitor:
    """A browser without a screen: it sends the cookies that it was given, and its network is its own."""

    watched: "Watched"
    network: str
    sends: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    """What the last page of terms wants to hear again: which of them it has shown."""

    def get(self, path: str, *echoed: str) -> Told:
        """Open a page. `echoed` is what its text may hold of this visitor's own: a name, a token."""
        return self._told("GET", path, None, echoed)

    def post(self, path: str, form: Mapping[str, str], *echoed: str) -> Told:
        """Send a form, with the token that protects forms."""
        return self._told("POST", path, {"csrf_token": self.watched.token, **self.shown, **form}, echoed)

    def _told(self, method: str, path: str, form: Mapping[str, str] | None, echoed: tuple[str, ...]) -> Told:
        watched = self.watched
        watched.trips.statements.clear()
        watched.hashes.made.clear()
        answer = watched.ask(method, path, form, self.network, {**watched.forms, **self.sends})
        self.shown = {"shown": found.group(1)} if (found := SHOWN.search(answer.text)) else {}
        body = RANDOM.sub("…", answer.text)
        headers = sorted(f"{name}: {_plain(name, value, answer, body)}" for name, value in answer.headers.multi_items())
        return Told(
            answer.status_code,
            tuple(_without(line, echoed) for line in headers),
            _without(body, echoed),
            tuple(sorted(watched.hashes.made.items())),
            tuple(each for each in watched.trips.statements if not each.startswith(DRIVERS_OWN)),
        )


class Watched:
    """An application whose database stands behind a relay, and whose hashes are counted."""

    def __init__(self, application: Flask, trips: RoundTrips, hashes: hashing.Hashes) -> None:
        self.trips, self.hashes = trips, hashes
        with application.app_context():
            db.session.execute(text("SELECT 1"))  # else the first visitor pays for the connection
        self._transport = httpx2.WSGITransport(app=application)
        self._http = httpx2.Client(transport=self._transport, follow_redirects=False)
        page = self._http.get(f"{settings().base_url}/login")
        found = TOKEN.search(page.text)
        assert found, "a form is protected"
        self.token = found.group(1)
        self.forms = dict(self._http.cookies.items())
        self._http.cookies.clear()
        assert list(self.forms) == [cookies.name("forms")], "nothing but forms has a cookie before anybody signs in"

    def visitor(self, number: int, **cookies_by_purpose: str) -> Visitor:
        """The visitor of that number; the same numbers have the same networks."""
        sends = {cookies.name(purpose): value for purpose, value in cookies_by_purpose.items()}
        return Visitor(self, f"10.{number // 250}.{number % 250}.7", sends)

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None, network: str, sends: Mapping[str, str]
    ) -> httpx2.Response:
        """One request, whatever it is answered."""
        self._transport.remote_addr = network
        cookie = "; ".join(f"{name}={value}" for name, value in sends.items())
        answer = self._http.request(method, settings().base_url + path, data=form, headers={"Cookie": cookie})
        self._http.cookies.clear()
        return answer


@contextmanager
def watching(postgres: EmbeddedPostgres, database: str) -> Iterator[Watched]:
    """The broker once more, on the same database.

    What it asks by the clock (whether a syndic has changed, once a second) it asks once: any name may meet it.
    """
    url = make_url(postgres.url(APPLICATION, database))
    relay = counted(Path(unquote(str(url.query["host"]))))
    with relay as (trips, folder), hashing.counted() as hashes, pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "CHECK_EVERY_S", inf)
        here = url.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        application = create_app(settings(), Addresses(here, None, os.environ["TROUSSEAU_TEST_QUEUE"]))
        yield Watched(application, trips, hashes)
        with application.app_context():
            db.session.remove()
            db.engine.dispose()


def _plain(name: str, value: str, answer: httpx2.Response, body: str) -> str:
    """A header without what is random by nature; a page's length is told without it too."""
    if name.lower() == "content-length":
        assert int(value) == len(answer.content), "a length is the body's"
        return str(len(body))
    if name.lower() == "set-cookie":
        return EXPIRES.sub("…", COOKIE.sub(r"\1…", value))
    return RANDOM.sub("…", value)


def _without(text: str, echoed: tuple[str, ...]) -> str:
    for each in echoed:
        text = text.replace(each, "ECHOED")
    return text


def _lines(value: object) -> list[str]:
    return (
        value.splitlines()
        if isinstance(value, str)
        else [str(each) for each in value]
        if isinstance(value, tuple)
        else [str(value)]
    )
