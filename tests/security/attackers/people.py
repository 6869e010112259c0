"""The three who act: what each knows, which mailboxes each reads, and their browsers."""

from dataclasses import dataclass, field

import httpx2
from flask import Flask

from config.settings import settings
from tests.browser import Browser, Page
from tests.relying_party import RelyingParty
from tests.security.attackers.truth import Attempt, Paper, Proof, Sitting, Truth
from tests.world import TestSyndic


class Device(Browser):
    """A browser whose requests reach the application in this very thread: a step costs milliseconds."""

    def __init__(self, application: Flask, network: str, truth: Truth) -> None:
        self.network = network
        self.http = short_way(application, network)
        self.truth = truth
        self.jars: list[dict[str, str]] = []

    def cookie(self, purpose: str) -> str:
        """One of our cookies, by what it is for."""
        return self.http.cookies.get(_name(purpose)) or ""

    @property
    def may_be_known(self) -> bool:
        """Whether somebody has signed in here before: that name's failures elsewhere are then none of its own."""
        return any(each.name.startswith(_name("device_")) for each in self.http.cookies.jar)

    @property
    def sitting(self) -> Sitting | None:
        """Who is signed in here by e-mail, as far as was acknowledged."""
        found = self.truth.sittings.get(self.cookie("session"))
        return found if found is not None and found.lives(self.truth.now) else None

    def legacy(self, slug: str) -> Sitting | None:
        """Who is signed in here by a printed code of this syndic, as far as was acknowledged."""
        found = self.truth.sittings.get(self.cookie(f"legacy_{slug}"))
        return found if found is not None and found.lives(self.truth.now) else None

    def attempt(self, slug: str) -> Attempt | None:
        """The attempt of this browser's sign-in by printed code, whatever became of it."""
        sitting = self.truth.sittings.get(self.cookie(f"legacy_{slug}"))
        return next((each for each in reversed(self.truth.attempts) if each.sitting is sitting), None)

    def resumable(self, slug: str) -> Attempt | None:
        """What B3 goes on with: the attempt of this sign-in, or what this browser began at an earlier one."""
        sitting, own = self.legacy(slug), self.attempt(slug)
        if own is not None and own.lives(self.truth.now):
            return own
        found = self.truth.browsers.get(self.cookie(f"attempt_{slug}"))
        if sitting is None or found is None or found.paper is not sitting.paper or found.epoch != sitting.epoch:
            return None
        return found if found.lives(self.truth.now) else None

    @property
    def proof(self) -> Proof | None:
        """What this browser has proved last."""
        return self.truth.proofs.get(self.cookie("proof"))

    def took(self, purpose: str, before: str, sitting: Sitting) -> None:
        """The browser has been given a cookie for this sitting in place of an earlier one, which is dead."""
        now = self.cookie(purpose)
        assert now, f"a cookie for {purpose} was promised"
        if now != before and self.truth.sittings.get(before) is sitting:
            del self.truth.sittings[before]
        self.truth.sittings[now] = sitting

    def remember_jar(self) -> None:
        """Keep a copy of the cookies: they may come again."""
        jar = {cookie.name: cookie.value or "" for cookie in self.http.cookies.jar}
        if jar not in self.jars:
            self.jars.append(jar)


@dataclass(eq=False)
class Actor:
    """One of the three."""

    name: str
    mailboxes: list[str]
    codes: dict[Paper, str]
    """Printed codes as this one knows them: somebody may have been given a new one since."""
    passwords: list[str]
    """Central passwords, one's own first."""
    devices: list[Device] = field(default_factory=list)

    def reads(self, address: str) -> bool:
        """Whether mail to this address is this one's to read."""
        return address in self.mailboxes


class Extranet(RelyingParty):
    """One sign-in at one syndic, over the same short way."""

    def __init__(self, application: Flask, syndic: TestSyndic) -> None:
        super().__init__(syndic, http=short_way(application))


def short_way(application: Flask, network: str = "127.0.0.1") -> httpx2.Client:
    """A client whose requests reach the application in this very thread."""
    transport = httpx2.WSGITransport(app=application, remote_addr=network)
    return httpx2.Client(transport=transport, follow_redirects=False, trust_env=False)


def base() -> str:
    """Where the application is."""
    return settings().base_url


def alerted(page: Page) -> bool:
    """Whether the page says that something was wrong, by its status or by an alert."""
    return page.status >= 400 or bool(page.alert)


def _name(purpose: str) -> str:
    return f"trousseau_{purpose}"
