"""« Mon compte » once in a real browser, with and without JavaScript: every page passes axe with real data."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.broker.account.owners import IPHONE, NEW_PASSWORD
from tests.broker.oidc.receiver import receiving
from tests.journeys.steps import PASSWORD, associate
from tests.world import TestSyndic, World

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
AXE = Axe().axe_script
_scripted: set[Page] = set()
"""Pages in which axe can run: it is a script itself."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def extranet() -> Iterator[str]:
    """Where the portal leads to after a sign-in."""
    with receiving() as receiver:
        yield receiver.url


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_owner_looks_after_the_account(world: World, chromium: Browser, extranet: str, javascript: bool) -> None:
    syndic = world.syndic(extranet=extranet)
    email = f"soigneuse@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    phone = chromium.new_context(java_script_enabled=javascript, locale="fr-FR", user_agent=IPHONE)
    computer = chromium.new_context(java_script_enabled=javascript, locale="fr-FR")
    lost = _signed_in(world, phone, email, extranet)
    page = _signed_in(world, computer, email, extranet)
    _scripted.update({page} if javascript else ())
    _shows_the_name(page, syndic)
    _signs_the_phone_out(page)
    lost.goto(f"{world.base}/account/")
    expect(lost.get_by_role("heading", name="Mon compte immobilier")).to_be_visible()
    _changes_the_password(page)
    _reads_the_history(page, syndic)
    _leaves_everywhere(page)
    for context in (phone, computer):
        context.close()


def _signed_in(world: World, context: BrowserContext, email: str, extranet: str) -> Page:
    page = context.new_page()
    page.goto(f"{world.base}/login")
    page.get_by_label("Adresse e-mail ou identifiant").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    page.wait_for_url(f"{extranet}/**")  # a page left on its way would be signed in or not
    page.goto(f"{world.base}/account/")
    return page


def _shows_the_name(page: Page, syndic: TestSyndic) -> None:
    _entered(page, "Informations personnelles")
    page.get_by_label("Prénom").fill("Odette")
    page.get_by_label("Nom", exact=True).fill("Brûlé")
    page.get_by_label("Votre nom").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_have_text("Vos informations sont enregistrées.")
    expect(page.get_by_role("group")).to_contain_text(f"{syndic.name} voit : votre nom.")
    _passes(page)


def _signs_the_phone_out(page: Page) -> None:
    _entered(page, "Appareils connectés")
    entry = page.get_by_role("listitem").filter(has_text="Safari sur iPhone").filter(has_text="Connecté depuis")
    entry.get_by_role("button", name="Déconnecter", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Cet appareil est déconnecté.")
    _passes(page)


def _changes_the_password(page: Page) -> None:
    page.get_by_role("link", name="Mon compte", exact=True).click()
    page.get_by_role("link", name="Sécurité", exact=True).click()
    page.get_by_role("link", name="Changer mon mot de passe", exact=True).click()
    expect(page.get_by_role("heading", name="Saisissez votre mot de passe")).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    _passes(page)
    page.get_by_label("Nouveau mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Votre mot de passe est changé")).to_be_visible()
    _passes(page)


def _reads_the_history(page: Page, syndic: TestSyndic) -> None:
    _entered(page, "Historique")
    lines = page.get_by_role("list").first.get_by_role("listitem")
    expect(lines.nth(0)).to_contain_text("Vous avez changé votre mot de passe.")
    expect(lines.nth(1)).to_contain_text("Vous avez déconnecté un appareil : Safari sur iPhone.")
    expect(lines.nth(2)).to_contain_text(f"Vous avez montré à {syndic.name} : votre nom.")
    _passes(page)


def _leaves_everywhere(page: Page) -> None:
    _entered(page, "Appareils connectés")
    page.get_by_role("button", name="Déconnecter partout").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Mon compte immobilier")).to_be_visible()


def _entered(page: Page, name: str) -> None:
    """From wherever in « Mon compte » to one of its pages."""
    back = page.get_by_role("link", name="Mon compte", exact=True)
    if back.count():
        back.click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    _passes(page)


def _passes(page: Page) -> None:
    if page not in _scripted:
        return
    page.evaluate(AXE)
    found = page.evaluate("async rules => await axe.run(document, rules)", RULES)
    assert found["violations"] == [], [each["id"] for each in found["violations"]]
