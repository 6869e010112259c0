"""Our broker: processes of its own on a database of its own, set up by the command line and by walking its pages."""

import csv
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from passlib.hash import sha512_crypt

from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from demo.command_line import CommandLine
from demo.crew import Crew
from demo.inbox import Inbox
from demo.running import Program
from tests.conformance import tls
from tests.conformance.agent import Agent
from tests.conformance.clients import ROLES, jwks, new_key, registration
from tests.conformance.provider import Client, Clients, Pages, Provider
from tests.conformance.standard_claims import PROFILE
from tests.conftest import TEMPLATE
from tests.journeys import steps
from tests.journeys.extranets import HEADER, free_port
from tests.queues import queue_of
from tests.world import CODE

SLUG = "conformite"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
DATABASE = f"conformance_{WORKER}"
IDENTIFIER, PRINTED, EMAIL = "10000001", "code-imprime-1", "jeanne@conformite.example"
PAGES = Pages({steps.NAME: EMAIL, "Mot de passe": steps.PASSWORD}, "Connexion", "Continuer", "Se déconnecter")
SCOPE = "openid profile email phone address offline_access accounts"
AT_ONCE = 2
"""Commands at the same time: this machine may have two cores."""


@dataclass(frozen=True)
class Broker:
    """Our running broker, and what another web process on the same data needs."""

    provider: Provider
    environment: dict[str, str]
    folder: Path


@contextmanager
def running(postgres: EmbeddedPostgres, inbox: Inbox, receiver: str, folder: Path) -> Iterator[Broker]:
    """Run web and worker until the end, with one syndic, its clients, and one person who has associated an account."""
    postgres.create_database(DATABASE, template=TEMPLATE)
    base = f"http://127.0.0.1:{free_port()}"
    environment = _environment(postgres, inbox, base, folder)
    commands, crew = CommandLine(environment), Crew(environment)
    try:
        commands.run("db", "upgrade")
        crew.start(web(base, folder / "web.log"))
        crew.start(Program("worker", ("-m", "workers", "worker"), folder / "worker.log"))
        issuer, clients = _onboard(commands, receiver, folder)
        crew.await_answer("web", f"{base}/readyz")
        provider = Provider(issuer, clients, PAGES)
        _associate(provider, inbox)
        _release_profile(commands, folder)
        yield Broker(provider, environment, folder)
    finally:
        crew.stop()
        postgres.drop_database(DATABASE)


@contextmanager
def behind_tls(broker: Broker) -> Iterator[Provider]:
    """The same provider by an https address: a web process of its own behind a proxy that ends TLS."""
    inner, port = f"http://127.0.0.1:{free_port()}", free_port()
    outer = f"https://127.0.0.1:{port}"
    crew = Crew({**broker.environment, "TROUSSEAU_BASE_URL": outer, "TROUSSEAU_TRUSTED_PROXIES": "1"})
    try:
        crew.start(web(inner, broker.folder / "web-behind-tls.log"))
        crew.await_answer("web", f"{inner}/readyz")
        with tls.proxy(port, inner, broker.folder) as trust:
            yield replace(broker.provider, issuer=f"{outer}/t/{SLUG}", trust=trust)
    finally:
        crew.stop()


def web(base: str, log: Path) -> Program:
    """The web server as it is run in production, with one process."""
    host, _, port = base.removeprefix("http://").partition(":")
    server = ("-m", "granian", "--interface", "wsgi", "--factory", "broker.wsgi:application", "--http", "1", "--no-ws")
    size = ("--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "3")
    return Program("web", (*server, *size, "--host", host, "--port", port), log)


def _environment(postgres: EmbeddedPostgres, inbox: Inbox, base: str, folder: Path) -> dict[str, str]:
    """This run's own, with other addresses."""
    return {
        **os.environ,
        "TROUSSEAU_HOME": str(folder),
        "TROUSSEAU_BASE_URL": base,
        "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, DATABASE),
        "TROUSSEAU_MIGRATION_DATABASE_URL": postgres.url(OWNER, DATABASE),
        "TROUSSEAU_REDIS_URL": queue_of("conformance"),
        "TROUSSEAU_SMTP_URL": f"smtp://127.0.0.1:{inbox.smtp_port}",
        "PYTHONUNBUFFERED": "1",
    }


def _onboard(commands: CommandLine, receiver: str, folder: Path) -> tuple[str, Clients]:
    name = ("--name", "Agence Conformité", "--legal-name", "Agence Conformité SAS", "--siren", "732829320")
    issuer = commands.ask("syndic", "add", "--slug", SLUG, *name)["issuer"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        keys = pool.submit(commands.run, "keys", "add", "--syndic", SLUG)
        imported = pool.submit(commands.run, "legacy", "import", "--syndic", SLUG, str(_export(folder)))
        clients = {role: pool.submit(_add_client, commands, receiver, role, folder) for role in ROLES}
        keys.result(), imported.result()
        return str(issuer), Clients(**{role: client.result() for role, client in clients.items()})


def _add_client(commands: CommandLine, receiver: str, role: str, folder: Path) -> Client:
    own = registration(receiver, role)
    key = new_key() if own.auth_method == "private_key_jwt" else None
    words = [
        *("client", "add", "--syndic", SLUG, "--name", f"Extranet {role}", "--auth-method", own.auth_method),
        *("--redirect-uri", own.redirect_uri, "--post-logout-redirect-uri", own.post_logout_redirect_uri),
        *("--grant-type", "authorization_code", "--grant-type", "refresh_token", "--scope", SCOPE),
        "--no-require-pkce",
    ]
    if key:
        file = folder / f"{role}.jwks.json"
        file.write_text(json.dumps(jwks(key)), "utf-8")
        words += ["--jwks", str(file)]
    if own.backchannel_logout_uri:
        words += ["--backchannel-logout-uri", own.backchannel_logout_uri]
    if own.frontchannel_logout_uri:
        words += ["--frontchannel-logout-uri", own.frontchannel_logout_uri]
    made = commands.ask(*words)
    secret = made.get("client_secret") or ""
    return Client(made["client_id"], secret, own.redirect_uri, own.post_logout_redirect_uri, own.auth_method, key)


def _export(folder: Path) -> Path:
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEADER)
        secret = sha512_crypt.using(rounds=1000).hash(PRINTED)
        rows.writerow([IDENTIFIER, "Mme Jeanne Dupont", EMAIL, "Appt 12", secret, "sha512_crypt"])
    return file


def _associate(provider: Provider, inbox: Inbox) -> None:
    """The person's way from the printed code to an address and a password, with the mailed code."""
    client = provider.clients.first
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid",
        "acr_values": "password",
    }
    with closing(Agent(provider.trust)) as agent:
        page = agent.get(f"{provider.issuer}/authorize?{urlencode(asked)}")
        page = steps.until_waiting(steps.sign_in(page, IDENTIFIER, PRINTED), EMAIL)
        mail = inbox.wait_for(to=EMAIL, timeout=30)[0]
        found = CODE.search(mail.text)
        assert found, f"the mail holds a code: {mail.text}"
        page = page.submit("Valider", **{"Code reçu par e-mail": "".join(found.groups())}).submit("Confirmer")
        assert page.heading == "Ce compte est associé", page.text[:500]


def _release_profile(commands: CommandLine, folder: Path) -> None:
    """Fill in every standard claim, and let the syndic see them."""
    file = folder / "profile.json"
    file.write_text(json.dumps(PROFILE), "utf-8")
    commands.run("identity", "profile", "--email", EMAIL, "--syndic", SLUG, str(file))
