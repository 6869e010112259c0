"""A person at their own pages."""

from dataclasses import dataclass

from tests.broker.oidc.owners import Owner, owner
from tests.browser import Browser, Page
from tests.journeys.steps import NAME, PASSWORD, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

NEW_PASSWORD = "girafe-plafond-carafe-dimanche"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)


@dataclass
class Person:
    """Somebody with an account, signed in at the portal."""

    owner: Owner
    browser: Browser

    @property
    def email(self) -> str:
        """The address."""
        return self.owner.email

    def page(self, path: str) -> Page:
        """A page of « Mon compte »."""
        return self.browser.get(f"{self.owner.world.base}/account/{path}")

    def confirmed(self, path: str) -> Page:
        """A page that asks for the password again."""
        page = self.page(path)
        assert page.heading == "Saisissez votre mot de passe", page.text[:300]
        return page.submit("Continuer", **{"Mot de passe": PASSWORD})


def person(world: World, syndic: TestSyndic | None = None) -> Person:
    """Associate an account, and sign in at the extranet, on a computer."""
    made = owner(world, syndic)
    return Person(made, made.browser)


def at_the_portal(world: World, email: str, password: str = PASSWORD, user_agent: str = IPHONE) -> Browser:
    """Sign in at the portal in another browser."""
    browser = Browser()
    browser.http.headers["User-Agent"] = user_agent
    page = browser.get(f"{world.base}/login").submit("Connexion", **{NAME: email, "Mot de passe": password})
    assert is_signed_in(world, browser), page.text[:300]
    return browser


def enter(client: TestSyndic, browser: Browser, email: str) -> None:
    """Sign in at an extranet in another browser."""
    party = RelyingParty(client)
    party.complete(sign_in(party.begin(browser), email, PASSWORD))


def is_signed_in(world: World, browser: Browser) -> bool:
    """Whether the browser still reaches « Mon compte »."""
    return browser.get(f"{world.base}/account/").heading == "Mon compte"
