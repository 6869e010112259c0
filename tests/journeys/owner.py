"""The steps of an owner in « Mon compte »: signed in at the portal, the password typed again where it is asked for."""

from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.world import TestSyndic, World


def signed_in(
    world: World, email: str, password: str = PASSWORD, browser: Browser | None = None
) -> tuple[Browser, Page]:
    """A browser signed in at the portal, and the page that came."""
    browser = browser or Browser()
    return browser, sign_in(browser.get(f"{world.base}/login?next=/account/accounts"), email, password)


def owner(world: World, name: str, syndic: TestSyndic | None = None) -> tuple[str, TestSyndic, Browser]:
    """A person with one account: address, syndic, and a browser signed in at the portal."""
    syndic = syndic or world.syndic()
    email = f"{name}@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    browser, page = signed_in(world, email)
    assert page.heading == "Mes comptes", page.text[:300]
    return email, syndic, browser


def confirmed(browser: Browser, url: str, password: str = PASSWORD) -> Page:
    """Open a page that asks for the password again, and type it."""
    page = browser.get(url)
    if page.heading == "Saisissez votre mot de passe":
        page = page.submit("Continuer", **{"Mot de passe": password})
    return page


def ask_change(world: World, browser: Browser, new: str, password: str = PASSWORD) -> Page:
    """« Changer d'adresse e-mail » up to the page that asks for the code; the mail is there."""
    page = confirmed(browser, f"{world.base}/account/address", password)
    page = page.submit("Continuer", **{"Nouvelle adresse e-mail": new})
    world.work()
    return page


def change(world: World, browser: Browser, new: str, password: str = PASSWORD) -> Page:
    """The whole change, by the code."""
    page = ask_change(world, browser, new, password)
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(new)})
    assert page.heading == "Votre adresse e-mail a changé", page.text[:500]
    world.work()
    return page
