"""The reference provider, `oidc-provider` on Node.js, with its PostgreSQL adapter (`bench/peer/`)."""

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urljoin, urlsplit

from sqlalchemy.engine import make_url

from bench import cores
from bench.failures import BenchError
from bench.places import PEER, RUN
from bench.running import HOST, Running, free_port
from bench.target import Endpoints, Target
from bench.visitors import Visitor, write
from config.embedded.postgres import OWNER, EmbeddedPostgres

NAME = "oidc-provider"
BASE_HOST = "reference.bench"
CLIENT_ID, CLIENT_SECRET = "bench", "bench-secret-0123456789abcdef0123456789abcdef"
REDIRECT_URI = "https://rp.example.org/cb"
SCOPE = "openid email profile offline_access"
ENDPOINTS = Endpoints(
    authorize="/auth",
    token="/token",
    userinfo="/me",
    introspect="/token/introspection",
    discovery="/.well-known/openid-configuration",
    jwks="/jwks",
)
HOPS = 12
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B


@contextmanager
def serving(postgres: EmbeddedPostgres, visitors: int, core: int) -> Iterator[Target]:
    """The reference on a database of its own, pinned to a core, with so many people signed in."""
    name, port = "reference", free_port()
    postgres.create_database(name)
    address = make_url(postgres.url(OWNER, name)).query
    settings = {
        "PORT": str(port), "ISSUER": f"https://{BASE_HOST}", "NODE_ENV": "production",
        "PGHOST": str(address["host"]), "PGPORT": str(address["port"]), "PGUSER": OWNER, "PGDATABASE": name,
        "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "REDIRECT_URI": REDIRECT_URI,
    }
    with cores.on(core):
        running = Running(["node", str(PEER / "server.mjs")], {**os.environ, **settings}, RUN / f"{name}.log")
    with running:
        file, pid = RUN / f"{name}.visitors", running.pid
        target = Target(NAME, port, BASE_HOST, ENDPOINTS, file, visitors, pid, postgres.pid, (pid,))
        running.await_answer(port, ENDPOINTS.jwks, target.headers)
        write(file, (_signed_in(target, f"proprietaire.{number}") for number in range(visitors)))
        yield target


def _signed_in(target: Target, login: str) -> Visitor:
    """Walk an authorization request, sign-in and consent included, until the client's address: a browser's cookies."""
    jar: dict[str, str] = {}
    query = {
        "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "scope": SCOPE, "state": "s",
        "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256", "login_hint": login,
        "prompt": "consent",
    }  # fmt: skip
    address = f"{ENDPOINTS.authorize}?{urlencode(query)}"
    for _ in range(HOPS):
        address = urljoin(f"https://{BASE_HOST}", _step(target, address, jar))
        if address.startswith(REDIRECT_URI):
            break
    if "code=" not in address:
        raise BenchError(f"the reference provider signed nobody in: {address}")
    kept = "; ".join(
        f"{name}={value}" for name, value in jar.items() if not name.startswith(("_interaction", "_resume"))
    )
    return Visitor("", CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, kept)


def _step(target: Target, address: str, jar: dict[str, str]) -> str:
    """One GET: keeps the cookies, returns the address that it leads to."""
    parts = urlsplit(address)
    cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
    connection = http.client.HTTPConnection(HOST, target.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={**target.headers, **cookies})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    for line in response.headers.get_all("Set-Cookie", []):
        name, _, value = line.partition(";")[0].partition("=")
        jar[name] = value
    if response.status not in (302, 303):
        raise BenchError(f"the reference provider answered {response.status} at {parts.path}: {body[:300]!r}")
    return str(response.headers["Location"])
