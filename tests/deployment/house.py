"""The whole service as the compose file describes it, running, with one syndic and its accounts."""

import base64
import csv
import itertools
import os
import re
import secrets
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from passlib.hash import sha512_crypt

from demo.inbox import Inbox
from tests.browser import Page
from tests.deployment.engine import Engine
from tests.deployment.visitors import ThroughNginx, Visitor
from tests.journeys import steps
from tests.journeys.extranets import HEADER
from tests.relying_party import RelyingParty
from tests.world import CODE, Account, TestSyndic

HOST = "compte.trousseau.test"
BASE = f"https://{HOST}"
CALLBACK = "https://extranet.trousseau.test:9999/callback"
ACCOUNTS = 300
SCOPE = "openid profile email accounts offline_access"
_number = itertools.count(1)


def given(inbox: Inbox, tls: Path) -> dict[str, str]:
    """A filled-in `.env`: each secret made as deploy/env.example says."""
    return {
        "TROUSSEAU_BASE_URL": BASE,
        "TLS_FOLDER": str(tls),
        **{name: secrets.token_hex(24) for name in ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD")},
        "TROUSSEAU_ROOT_SECRET": random_key(),
        "TROUSSEAU_ENCRYPTION_KEYS": f"k1:{random_key()}",
        "TROUSSEAU_SMTP_URL": f"smtp://127.0.0.1:{inbox.smtp_port}",
        "TROUSSEAU_MAIL_FROM": "Mon compte immobilier <ne-pas-repondre@trousseau.test>",
        "TROUSSEAU_MAIL_BOUNCE": "bounces@trousseau.test",
        "TROUSSEAU_MAIL_HOOK_SECRET": secrets.token_hex(32),
    }


def random_key() -> str:
    """`openssl rand -base64 32`."""
    return base64.b64encode(os.urandom(32)).decode()


@dataclass
class House:
    """The running service, and the people who come to it."""

    engine: Engine
    inbox: Inbox
    trust: ssl.SSLContext
    syndic: TestSyndic
    _accounts: "itertools.count[int]" = field(default_factory=itertools.count)
    _ways: list[ThroughNginx] = field(default_factory=list)

    def transport(self) -> ThroughNginx:
        """The way to the service."""
        self._ways.append(ThroughNginx(HOST, f"{self.engine.address('nginx')}:8443", self.trust))
        return self._ways[-1]

    def close(self) -> None:
        """Close what visitors left open."""
        for way in self._ways:
            way.close()

    def visitor(self) -> Visitor:
        """Somebody's browser."""
        return Visitor(self.transport(), BASE)

    def party(self) -> RelyingParty:
        """The extranet."""
        return RelyingParty(self.syndic, http=httpx2.Client(transport=self.transport(), timeout=60, trust_env=False))

    def account(self) -> Account:
        """An account that nobody has used yet."""
        return self.syndic.accounts[next(self._accounts)]

    def legacy_sign_in(self, visitor: Visitor | None = None) -> "SignedIn":
        """Sign in at the extranet with a printed code; the first time, the offer to associate is put off."""
        account, party, browser = self.account(), self.party(), visitor or self.visitor()
        page = steps.sign_in(party.begin(browser), account.identifier, account.password)
        page = page.follow("Plus tard") if page.has("a", "Plus tard") else page
        return SignedIn(browser, party, redeemed(browser, party, page))

    def associate(self) -> str:
        """From the printed code to an address: the whole way, by the mailed code. Returns the address."""
        account, visitor = self.account(), self.visitor()
        email = f"owner-{next(_number)}@{HOST}"
        page = self.party().begin(visitor, acr_values="password")
        page = steps.until_waiting(steps.sign_in(page, account.identifier, account.password), email)
        mail = self.inbox.wait_for(to=email, timeout=60)[0]
        found = CODE.search(mail.text)
        assert found, f"the mail holds a code: {mail.text}"
        page = page.submit("Valider", **{"Code reçu par e-mail": "".join(found.groups())}).submit("Confirmer")
        assert page.heading == "Ce compte est associé", page.text[:500]
        return email

    def sign_in(self, email: str, scope: str = SCOPE) -> "SignedIn":
        """Sign in with the address, in a browser of its own."""
        visitor, party = self.visitor(), self.party()
        page = steps.sign_in(party.begin(visitor, scope=scope), email, steps.PASSWORD)
        return SignedIn(visitor, party, redeemed(visitor, party, page, scope))

    def trousseau(self, *words: str) -> str:
        """What the command line says."""
        return self.engine.run("web1", ["trousseau", *words]).stdout.decode()


@dataclass
class SignedIn:
    """A browser and an extranet after a sign-in by address."""

    visitor: Visitor
    party: RelyingParty
    tokens: dict[str, str]

    def refresh(self) -> httpx2.Response:
        """Use the refresh token, and keep the one that comes instead."""
        answer = self.party.refresh(self.tokens["refresh_token"])
        if answer.status_code == 200:
            self.tokens = {**self.tokens, **answer.json()}
        return answer


def redeemed(visitor: Visitor, party: RelyingParty, page: Page, scope: str = SCOPE) -> dict[str, str]:
    """What a code is worth. Where the answer was lost with a process, the extranet begins again, as extranets do: the
    person is signed in already, and types nothing."""
    for _ in range(3):
        answer = party.redeem(party.code(page))
        if answer.status_code == 200:
            tokens: dict[str, str] = answer.json()
            assert party.userinfo(tokens["access_token"]).status_code == 200, "tokens open userinfo"
            return tokens
        assert answer.status_code == 503, f"a code is worth tokens: {answer.status_code} {answer.text[:300]}"
        page = party.begin(visitor, scope=scope)
    raise AssertionError("three answers were lost")


def onboard(engine: Engine, folder: Path) -> TestSyndic:
    """One syndic, by the commands of README."""
    slug = f"agence-{secrets.token_hex(3)}"
    name = ("--name", "Agence du Port", "--legal-name", "Agence du Port SAS", "--siren", "732829320")
    issuer = engine.ask("syndic", "add", "--slug", slug, *name)["issuer"]
    engine.ask("keys", "add", "--syndic", slug)
    client = engine.ask("client", "add", "--syndic", slug, "--name", "Extranet", "--redirect-uri", CALLBACK)
    syndic = TestSyndic(slug, "Agence du Port", issuer, client["client_id"], client["client_secret"], CALLBACK)
    syndic.accounts = [Account(str(10_000_000 + n), f"code-{n}", "Mme Jeanne Dupont", None) for n in range(ACCOUNTS)]
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEADER)
        for account in syndic.accounts:
            hashed = sha512_crypt.using(rounds=1000).hash(account.password)
            rows.writerow([account.identifier, account.holder, "", "Appt 12", hashed, "sha512_crypt"])
    said = engine.run("web1", ["trousseau", "legacy", "import", "--syndic", slug, str(file)]).stdout.decode()
    assert re.search(rf"\b{ACCOUNTS}\b", said), said
    return syndic
