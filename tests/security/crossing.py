"""What crosses from one syndic to its partner, done over and over by many: each act with its instant and its result.

An act that began at least a second after the end of trust was acknowledged may not cross, however slow the machine:
its instant is taken before it is sent, so that the service decides later still.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from config import clock
from tests.broker.oidc.menus import Holder, led
from tests.broker.oidc.owners import OFFLINE
from tests.browser import Page
from tests.relying_party import RelyingParty

KINDS = ("list", "switch", "sign in", "refresh", "link")
KEPT = 40
"""Addresses that each owner holds when trust ends."""


@dataclass(frozen=True)
class Act:
    """One try."""

    kind: str
    begun: datetime
    crossed: bool


@dataclass
class Record:
    """All acts of all threads, in the order of their ends."""

    acts: list[Act] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, kind: str, act: Callable[[], bool]) -> None:
        """Do it, and write down what became of it."""
        begun = clock.now()
        done = Act(kind, begun, act())
        with self.changed:
            self.acts.append(done)
            self.changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """A thread ends otherwise than it should."""
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def since(self, instant: datetime, kind: str) -> list[Act]:
        """The acts of a kind that began then or later."""
        return [act for act in self.acts if act.kind == kind and act.begun >= instant]

    def wait(self, until: Callable[[], bool], patience_s: float = 120) -> None:
        """Wait until the acts are as wanted."""
        with self.changed:
            enough = self.changed.wait_for(lambda: bool(self.errors) or until(), patience_s)
        assert not self.errors, self.errors
        assert enough, f"acts so far: {Counter(act.kind for act in self.acts)}"


class Crosser:
    """One owner with what she needs to cross in every way, made while both syndics trust each other."""

    def __init__(self, person: Holder) -> None:
        self.person = person
        self.http = httpx2.Client(cookies=dict(person.browser.http.cookies), timeout=60)
        home, self.party = RelyingParty(person.home), RelyingParty(person.partner, http=httpx2.Client(timeout=60))
        self.menu = home.metadata["accounts_endpoint"]
        self.bearer = {"Authorization": f"Bearer {person.token(home)}"}
        page = self.party.begin(person.browser, scope=OFFLINE)
        self.refresh_token = self.party.redeem(self.party.code(page)).json()["refresh_token"]
        self.kept = [address for _ in range(KEPT) if (address := self._address())]
        assert len(self.kept) == KEPT, "the menu lists the partner's account"

    def lists(self) -> bool:
        """Whether the menu lists the partner's account."""
        return self._address() is not None

    def switches_over(self) -> bool:
        """Whether an address leads to the partner's extranet: a fresh one, or one that was given before the end."""
        answer = self.http.get(self._address() or self.kept.pop())
        assert answer.status_code in {303, 410}, answer.text
        return bool(led(answer))

    def _address(self) -> str | None:
        answer = httpx2.get(self.menu, headers=self.bearer, timeout=60)
        assert answer.status_code == 200, answer.text
        entries = self.person.at(self.person.partner, answer.json())
        return str(entries[0]["switch_uri"]) if entries else None

    def signs_in(self) -> bool:
        """Whether the partner's issuer gives a code without a page."""
        answer = self.http.get(self.party.address(prompt="none"))
        assert answer.status_code == 302, answer.text
        return "code=" in answer.headers["location"]

    def refreshes(self) -> bool:
        """Whether the partner's extranet gets new tokens."""
        answer = self.party.refresh(self.refresh_token)
        body: dict[str, Any] = answer.json()
        assert answer.status_code == 200 or body["error"] == "invalid_grant", answer.text
        self.refresh_token = body.get("refresh_token", self.refresh_token)
        return answer.status_code == 200

    @property
    def acts(self) -> dict[str, Callable[[], bool]]:
        """By kind."""
        return {
            "list": self.lists,
            "switch": self.switches_over,
            "sign in": self.signs_in,
            "refresh": self.refreshes,
        }


def links(page: Page) -> bool:
    """Whether « Confirmer » ties the partner's account."""
    done = page.submit("Confirmer")
    assert done.status < 500, done.text
    return done.heading == "Ce compte est associé"
