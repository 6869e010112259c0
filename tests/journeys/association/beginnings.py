"""Where the tests of this folder begin: an attempt that waits, a link that its former address may contest."""

import re
from dataclasses import dataclass
from typing import Any

from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, legacy_sign_in, until_waiting
from tests.world import Account, TestSyndic, World

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}
PAST: dict[str, Any] = {"association_policy": "required", "association_deadline": "2020-01-01T00:00:00+00:00"}
CONTEST = re.compile(r"https?://\S+/contest/[\w-]+")


@dataclass
class Waiting:
    """An attempt at B6, its mail sent."""

    syndic: TestSyndic
    account: Account
    email: str
    browser: Browser
    page: Page


def waiting(world: World, name: str, **policy: Any) -> Waiting:
    """Somebody reaches « Vous êtes maintenant connecté »."""
    syndic = world.syndic(**{**REQUIRED, **policy})
    email, browser = f"{name}@{syndic.slug}.example", Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    page = until_waiting(page, email)
    world.work()
    return Waiting(syndic, syndic.accounts[0], email, browser, page)


def known_address(account: Account) -> str:
    """The address that the syndic knows."""
    assert account.email is not None
    return account.email


def contest_link(world: World, address: str) -> str:
    """The link of the newest mail that lets this address contest."""
    mails = world.mails_to(address)
    found = next((match for mail in mails if (match := CONTEST.search(mail.text))), None)
    assert found, f"a mail with a link to contest was promised to {address}: {[mail.subject for mail in mails]}"
    return found.group()


def review(world: World, email: str, browser: Browser | None = None) -> Page:
    """B7 by the newest mail's link, up to the question of B8."""
    page = (browser or Browser()).get(world.mailed_link(email))
    return page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
