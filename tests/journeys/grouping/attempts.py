"""The steps of whoever adds an account to an address that has some already."""

from dataclasses import dataclass
from typing import Any

from config.database import transaction
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic, World

REFUSED = (
    "Vos biens sont gérés par des syndics qui ne sont pas partenaires. "
    "Ce compte ne peut pas être rattaché à cette adresse."
)
ANOTHER = "Utiliser une autre adresse"
DONE = "Ce compte est associé"


@dataclass
class Adding:
    """An attempt at B6, of an address that has an account elsewhere."""

    home: TestSyndic
    syndic: TestSyndic
    account: Account
    email: str
    browser: Browser
    party: RelyingParty
    page: Page


def begin(
    syndic: TestSyndic, account: Account, email: str, browser: Browser | None = None
) -> tuple[RelyingParty, Page]:
    """From the extranet to B6."""
    party, page = legacy_sign_in(browser or Browser(), syndic, account, acr_values="password", prompt="login")
    return party, until_waiting(page, email)


def adding(world: World, name: str, home: TestSyndic, syndic: TestSyndic, number: int = 0) -> Adding:
    """Somebody with an account at `home` reaches B6 with one of `syndic`'s; the mail is there."""
    email, account, browser = f"{name}@{home.slug}.example", syndic.accounts[number], Browser()
    associate(world, home, home.accounts[0], email)
    party, page = begin(syndic, account, email, browser)
    world.work()
    return Adding(home, syndic, account, email, browser, party, page)


def strangers(world: World, name: str, **policy: Any) -> Adding:
    """The same at a syndic that the other does not know."""
    return adding(world, name, world.syndic(), world.syndic(**policy))


def by_link(world: World, email: str, browser: Browser | None = None) -> Page:
    """B7 by the newest mail's link, up to the question."""
    page = (browser or Browser()).get(world.mailed_link(email))
    return page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})


def by_code(world: World, page: Page, email: str) -> Page:
    """B6 by the newest mail's code, up to the question; an existing identity shows its password."""
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    if page.has("button", "Connexion"):
        page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    return page


def end_trust(world: World, one: TestSyndic, other: TestSyndic) -> None:
    """One side denies the other, at once."""
    with world.application.app_context(), transaction():
        trust.deny(syndics.get(one.slug).id, syndics.get(other.slug).id)
