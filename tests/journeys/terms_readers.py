"""Who signs in when terms may have changed."""

from tests.browser import Browser, Page
from tests.journeys.steps import (
    PASSWORD,
    sign_in,
)
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

LOGIN = "Mon compte immobilier"


def sign_in_at(syndic: TestSyndic, email: str, browser: Browser | None = None) -> tuple[RelyingParty, Page]:
    """From the extranet to what comes after the password."""
    party = RelyingParty(syndic)
    return party, sign_in(party.begin(browser or Browser(), prompt="login"), email, PASSWORD)


def at_the_portal(world: World, email: str) -> Page:
    """The same at the portal."""
    return sign_in(Browser().get(f"{world.base}/login?next=/account/accounts"), email, PASSWORD)
