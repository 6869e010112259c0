"""The steps of the main job, as an owner takes them. Each returns the page that comes."""

from tests.browser import Browser, Page
from tests.relying_party import RelyingParty, Tokens
from tests.world import Account, TestSyndic, World

PASSWORD = "corbeau-lampe-tracteur-violon"
NAME = "Adresse e-mail ou identifiant"


def sign_in(page: Page, name: str, password: str) -> Page:
    """Fill in the login page."""
    return page.submit("Connexion", **{NAME: name, "Mot de passe": password})


def legacy_sign_in(browser: Browser, syndic: TestSyndic, account: Account, **extra: str) -> tuple[RelyingParty, Page]:
    """From the extranet's link to what comes after the printed code."""
    party = RelyingParty(syndic)
    return party, sign_in(party.begin(browser, **extra), account.identifier, account.password)


def until_waiting(page: Page, email: str, password: str = PASSWORD) -> Page:
    """B2 to B6: from the interstitial to « Vous êtes maintenant connecté »."""
    return from_the_address(page.submit("Étape suivante"), email, password)


def from_the_address(page: Page, email: str, password: str = PASSWORD) -> Page:
    """B3 to B6."""
    page = page.submit("Continuer", **{"Adresse e-mail": email})
    page = page.submit("Continuer", **{"Mot de passe": password})
    assert page.heading == "Conditions Générales d'Utilisation", page.text[:500]
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    assert page.heading == "Vous êtes maintenant connecté", page.text[:500]
    return page


def confirm_by_link(world: World, browser: Browser, email: str, password: str = PASSWORD) -> Page:
    """B7 and B8 by the mailed link."""
    world.work()
    page = browser.get(world.mailed_link(email))
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": password})
    return page.submit("Confirmer")


def confirm_by_code(world: World, page: Page, email: str) -> Page:
    """B6 to B8 by the typed code."""
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    return page.submit("Confirmer")


def associate(world: World, syndic: TestSyndic, account: Account, email: str, password: str = PASSWORD) -> Browser:
    """The whole association by code, in a browser of its own."""
    browser = Browser()
    _, page = legacy_sign_in(browser, syndic, account, acr_values="password", prompt="login")
    page = until_waiting(page, email, password)
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    if page.has("button", "Connexion"):
        page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": password})
    page = page.submit("Confirmer")
    assert page.heading == "Ce compte est associé", page.text[:500]
    world.work()
    return browser


def email_sign_in(syndic: TestSyndic, email: str, password: str = PASSWORD) -> Tokens:
    """Sign in at the extranet with e-mail and password, in a new browser."""
    party = RelyingParty(syndic)
    return party.complete(sign_in(party.begin(Browser()), email, password))
