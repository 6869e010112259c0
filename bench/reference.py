"""The reference provider, `oidc-provider` on Node.js, with its PostgreSQL adapter (`bench/peer/`)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode, urljoin, urlsplit

from sqlalchemy.engine import make_url

from bench import cores
from bench.asking import Request, Wire
from bench.failures import BenchError
from bench.flow import question
from bench.places import PEER, RUN
from bench.running import Running, free_port
from bench.target import Endpoints, Target
from bench.visitors import Visitor, basic, write
from config.embedded.postgres import OWNER, EmbeddedPostgres

NAME = "oidc-provider"
BASE_HOST = "reference.bench"
ENDPOINTS = Endpoints(
    authorize="/auth",
    token="/token",
    userinfo="/me",
    introspect="/token/introspection",
    discovery="/.well-known/openid-configuration",
    jwks="/jwks",
)
CLIENT_ID, CLIENT_SECRET = "bench", "bench-secret-0123456789abcdef0123456789abcdef"
CLIENT = Visitor("", CLIENT_ID, basic(CLIENT_ID, CLIENT_SECRET), "https://rp.example.org/cb", "")
HOPS = 12


@contextmanager
def serving(postgres: EmbeddedPostgres, visitors: int, core: int) -> Iterator[Target]:
    """The reference on a database of its own, pinned to a core, with so many people signed in."""
    name, port = "reference", free_port()
    postgres.create_database(name)
    address = make_url(postgres.url(OWNER, name)).query
    settings = {
        "PORT": str(port), "ISSUER": f"https://{BASE_HOST}", "NODE_ENV": "production", "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET, "REDIRECT_URI": CLIENT.redirect_uri, "PGHOST": str(address["host"]),
        "PGPORT": str(address["port"]), "PGUSER": OWNER, "PGDATABASE": name,
    }  # fmt: skip
    with cores.on(core):
        running = Running(["node", str(PEER / "server.mjs")], {**os.environ, **settings}, RUN / f"{name}.log")
    with running:
        file, pid = RUN / f"{name}.visitors", running.pid
        target = Target(NAME, port, BASE_HOST, ENDPOINTS, file, visitors, pid, postgres.pid, (pid,))
        running.await_answer(port, ENDPOINTS.jwks, target.headers)
        wire = Wire(port, target.headers)
        write(file, (_signed_in(wire, f"proprietaire.{number}") for number in range(visitors)))
        yield target


def _signed_in(wire: Wire, login: str) -> Visitor:
    """Walk an authorization request, sign-in and consent included, to the client's address: a browser's cookies."""
    jar: dict[str, str] = {}
    query = {**question(CLIENT), "login_hint": login, "prompt": "consent"}  # without it no `offline_access`
    address = f"{ENDPOINTS.authorize}?{urlencode(query)}"
    for _ in range(HOPS):
        address = _step(wire, address, jar)
        if address.startswith(CLIENT.redirect_uri):
            break
    if "code=" not in address:
        raise BenchError(f"the reference provider signed nobody in: {address}")
    lasting = {name: value for name, value in jar.items() if not name.startswith(("_interaction", "_resume"))}
    return replace(CLIENT, cookie=_cookies(lasting))


def _step(wire: Wire, address: str, jar: dict[str, str]) -> str:
    """One GET: keeps the cookies, returns the address that it leads to."""
    parts = urlsplit(address)
    headers = {"Cookie": _cookies(jar)} if jar else {}
    answer = wire.ask(Request("sign-in", f"{parts.path}?{parts.query}", headers=headers))
    for line in answer.cookies:
        name, _, value = line.partition(";")[0].partition("=")
        jar[name] = value
    return urljoin(f"https://{BASE_HOST}", answer.location())


def _cookies(jar: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())
