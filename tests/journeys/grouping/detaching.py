"""The steps of whoever detaches an account, and what an extranet then still has of it."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from broker.identities import service as identities
from config.database import session
from config.outbox import Promise
from tenants.audit.models import LedgerEntry
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.broker.oidc.owners import OFFLINE
from tests.browser import Browser, Page
from tests.journeys.owner import confirmed
from tests.journeys.steps import PASSWORD, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

DETACHED = "Ce compte est détaché"


@dataclass
class Inside:
    """An extranet that somebody has entered, with offline access."""

    party: RelyingParty
    browser: Browser
    tokens: dict[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether any of what it was given still gives anything."""
        answers = (
            self.party.userinfo(self.tokens["access_token"]).status_code == 200,
            self.party.introspect(self.tokens["access_token"])["active"],
            self.party.refresh(self.tokens["refresh_token"]).status_code == 200,
        )
        assert len(set(answers)) == 1, f"all of it goes together: {answers}"
        return bool(answers[0])


def enter(syndic: TestSyndic, email: str, **extra: str) -> Inside:
    """Sign in at the extranet with e-mail and password."""
    browser, party = Browser(), RelyingParty(syndic)
    page = sign_in(party.begin(browser, scope=OFFLINE, **extra), email, PASSWORD)
    answer = party.redeem(party.code(page))
    assert answer.status_code == 200, answer.text
    return Inside(party, browser, answer.json())


def manage(world: World, browser: Browser) -> Page:
    """« Gérer mes comptes »."""
    page = browser.get(f"{world.base}/account/accounts/manage")
    assert page.heading == "Gérer mes comptes", page.text[:300]
    return page


def links(page: Page, name: str) -> list[str]:
    """The addresses of all links of that name, in the page's order."""
    return [str(tag["href"]) for tag in page.soup.find_all("a") if tag.get_text(strip=True) == name]


def question(world: World, browser: Browser, number: int = 0) -> Page:
    """« Détacher » of the account of that number, up to the page that asks."""
    page = confirmed(browser, world.base + links(manage(world, browser), "Détacher")[number])
    assert page.heading == "Détacher ce compte ?", page.text[:300]
    return page


def detach(world: World, browser: Browser, number: int = 0) -> Page:
    """The whole of it."""
    page = question(world, browser, number).submit("Détacher")
    assert page.heading == DETACHED, page.text[:300]
    return page


def account(world: World, syndic: TestSyndic, number: int = 0) -> LegacyAccount:
    """The account as it stands now."""
    with world.application.app_context():
        wanted = select(LegacyAccount).where(
            LegacyAccount.syndic_id == syndics.get(syndic.slug).id,
            LegacyAccount.identifier == syndic.accounts[number].identifier,
            LegacyAccount.state != "closed",
        )
        return session().scalars(wanted).one()


def promised(world: World, topic: str, about: str) -> list[str]:
    """The keys of what is promised of this topic about something."""
    with world.application.app_context():
        keys = session().scalars(select(Promise.key).where(Promise.topic == topic)).all()
    return [key for key in keys if re.search(re.escape(about), key)]


def ended(world: World, syndic: TestSyndic) -> list[dict[str, Any]]:
    """The evidence of links that ended at this syndic."""
    with world.application.app_context():
        wanted = select(LedgerEntry).where(
            LedgerEntry.chain == syndics.get(syndic.slug).id, LedgerEntry.kind == "link.ended"
        )
        return [dict(entry.body) for entry in session().scalars(wanted.order_by(LedgerEntry.sequence))]


def default_account(world: World, email: str) -> str | None:
    """The identifier of a person's default account."""
    with world.application.app_context():
        person = identities.by_email(email)
        assert person is not None
        rows = identities.links_of(person.id)
        return next((row.identifier for link, row in rows if link.id == person.default_link_id), None)
