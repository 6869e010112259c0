"""The world of a test: syndics with clients and accounts made as operators make them, and the workers' hands."""

import csv
import itertools
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from passlib.hash import sha512_crypt
from sqlalchemy import select

from broker.association.models import Association
from broker.identities.models import Identity
from config import clock
from config.database import transaction
from config.settings import settings
from demo.inbox import Inbox
from demo.mailbox import Mail
from tenants.audit import service as audit
from tenants.clients import registry
from tenants.clients import service as clients
from tenants.clients.models import Client
from tenants.evidence import keys as evidence_keys
from tenants.onboarding.registration import onboard
from tenants.onboarding.service import import_export
from tenants.syndics import service as syndics
from tenants.terms import service as terms
from tenants.trust import loading
from tenants.trust import service as trust

_number = itertools.count(1)
LINK = re.compile(r"https?://\S+/(?:confirm|reset|revert|invitation)/[\w-]+")
CODE = re.compile(r"\b(\d{4}) (\d{4})\b")


@dataclass
class Account:
    """A legacy account with its printed code."""

    identifier: str
    password: str
    holder: str
    email: str | None


@dataclass
class TestSyndic:
    """A syndic of a test."""

    __test__ = False
    slug: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    accounts: list[Account] = field(default_factory=list)


class World:
    """What a test may do behind the scenes: everything an operator or a worker does, and nothing else."""

    def __init__(self, base: str, application: Flask, inbox: Inbox, drain: Callable[[], int]) -> None:
        self.base = base
        self.application = application
        self.inbox = inbox
        self._drain = drain
        self._moved = timedelta()

    def syndic(self, accounts: int = 2, **policy: Any) -> TestSyndic:
        """Onboard a syndic with a client and some accounts.

        `policy` are registration fields, `connector_url` for a source of the kind `http`, and `extranet`, the
        address of a running extranet.
        """
        slug = f"agence-{next(_number)}-{secrets.token_hex(3)}"
        name = f"Agence {slug}"
        url = policy.pop("connector_url", None)
        redirect = "http://127.0.0.1:9999/callback"
        extranet = policy.pop("extranet", "http://127.0.0.1:9999")
        contact = {"phone": "04 74 00 00 00", "email": f"contact@{slug}.example", "hours": "9 h à 17 h"}
        registration = {
            "contact": contact,
            "slug": slug,
            "name": name,
            "legal_name": name,
            "siren": "732829320",
            **policy,
        }
        with self.application.app_context(), transaction():
            terms.publish_shipped()
            evidence_keys.first()
            row = onboard(registration, None, "http" if url else "imported", url)
            clients.add_key(row, "ES256")
            clients.add_key(row, "RS256")
            metadata = {
                "client_name": f"Extranet {name}",
                "redirect_uris": list({redirect, f"{extranet}/callback"}),
                "post_logout_redirect_uris": list({"http://127.0.0.1:9999/logged-out", f"{extranet}/logged-out"}),
                "initiate_login_uri": f"{extranet}/login",
            }
            client, secret = clients.add_client(row, metadata)
            made = TestSyndic(slug, name, f"{self.base}/t/{slug}", client.client_id, secret, redirect)
        registry.forget()
        for number in range(accounts):
            email = f"{slug}-{number}@orange.fr"
            made.accounts.append(Account(f"{10000000 + number}", f"code-{number}-{slug}", "Mme Jeanne Dupont", email))
        if accounts:
            self.import_accounts(made)
        return made

    def client(self, syndic: TestSyndic, **metadata: Any) -> TestSyndic:
        """Register another client of the syndic. Returns the syndic as that client knows it."""
        fields = {"client_name": "Autre espace", "redirect_uris": [syndic.redirect_uri], **metadata}
        with self.application.app_context(), transaction():
            client, secret = clients.add_client(syndics.get(syndic.slug), fields)
            made = replace(syndic, client_id=client.client_id, client_secret=secret)
        registry.forget()
        return made

    def change_client(self, syndic: TestSyndic, **fields: Any) -> None:
        """What an operator changes about a client from another process: this one keeps its old picture."""
        with self.application.app_context(), transaction() as work:
            row = work.scalars(select(Client).where(Client.client_id == syndic.client_id)).one()
            for name, value in fields.items():
                setattr(row, name, value)
            syndics.touch(row.syndic_id)

    def import_accounts(self, syndic: TestSyndic) -> None:
        """Import the syndic's accounts as its export file."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "export.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                rows = csv.writer(out, delimiter=";")
                rows.writerow(["Identifiant", "Titulaire", "E-mail", "Libellé", "Empreinte", "Schéma"])
                for account in syndic.accounts:
                    secret = sha512_crypt.using(rounds=1000).hash(account.password)
                    row = [account.identifier, account.holder, account.email or "", "Appt 12", secret, "sha512_crypt"]
                    rows.writerow(row)
            with self.application.app_context(), transaction():
                import_export(syndics.get(syndic.slug), file, lambda _done, _total: None)

    def trust(self, *slugs: str, purposes: tuple[str, ...] = ("link", "switch", "list")) -> None:
        """Put these syndics into one circle."""
        circle = {
            "name": f"Cercle {secrets.token_hex(4)}",
            "charter": "charte de test",
            "admission": "operator",
            "purposes": list(purposes),
            "members": list(slugs),
        }
        with self.application.app_context(), transaction():
            loading.load({"circle": [circle]})

    def checked_passwords(self, email: str) -> int:
        """How many passwords were checked for the attempt of this address."""
        with self.application.app_context(), transaction() as work:
            return work.scalars(select(Association.tries).where(Association.email == email)).one()

    def password_hash(self, email: str) -> str:
        """What is stored in place of a person's password."""
        with self.application.app_context(), transaction() as work:
            return work.scalars(select(Identity.password_hash).where(Identity.email == email)).one()

    def ledger_is_whole(self) -> None:
        """The evidence verifies, entry by entry."""
        with self.application.app_context():
            faults = audit.verify()
        assert faults == [], f"the ledger is whole: {faults}"

    def suspend(self, syndic: TestSyndic) -> None:
        """What an operator does to a syndic whose contract is in dispute."""
        with self.application.app_context(), transaction():
            row = syndics.get(syndic.slug)
            row.status = "suspended"
            syndics.touch(row.id)
        registry.forget()
        trust.doubt()

    @contextmanager
    def smtp_down(self) -> Iterator[None]:
        """Nobody listens where mail is handed over."""
        with self.smtp_at("smtp://127.0.0.1:9"):
            yield

    @contextmanager
    def smtp_at(self, url: str) -> Iterator[None]:
        """Mail is handed over to another server."""
        real = os.environ["TROUSSEAU_SMTP_URL"]
        self._set_smtp(url)
        try:
            yield
        finally:
            self._set_smtp(real)

    def work(self) -> int:
        """Let the workers keep every promise that is due."""
        with self.application.app_context():
            return self._drain()

    @staticmethod
    def _set_smtp(url: str) -> None:
        os.environ["TROUSSEAU_SMTP_URL"] = url
        settings.cache_clear()

    def later(self, **by: float) -> None:
        """Move the clock on, from where it stands."""
        self._moved += timedelta(**by)
        clock.shift(self._moved)

    def mails_to(self, address: str) -> list[Mail]:
        """The mails that an address has received, newest first."""
        return [mail for mail in self.inbox.messages() if mail.to == address]

    def mailed_link(self, address: str) -> str:
        """The link of the newest mail to an address."""
        found = LINK.search(self._newest(address).text)
        assert found, "a mail with a link was promised"
        return found.group()

    def mailed_code(self, address: str) -> str:
        """The code of the newest mail to an address."""
        found = CODE.search(self._newest(address).text)
        assert found, "a mail with a code was promised"
        return "".join(found.groups())

    def _newest(self, address: str) -> Mail:
        mails = self.mails_to(address)
        assert mails, f"a mail to {address} was promised; there are mails to {[m.to for m in self.inbox.messages()]}"
        return mails[0]
