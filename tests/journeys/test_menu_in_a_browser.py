"""« immeuble » in a real browser, at real extranets: by script, by keyboard, on a phone, and without a script."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from broker.identities import menus
from broker.identities import service as identities
from config.database import transaction
from tenants.syndics import service as syndics
from tests.journeys.extranets import Extranet, running
from tests.journeys.steps import PASSWORD, associate
from tests.world import World

pytestmark = pytest.mark.browser
AXE = Axe().axe_script
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@dataclass
class Owner:
    """Two accounts at the first syndic, one at its partner."""

    world: World
    email: str
    home: Extranet
    partner: Extranet

    def show(self) -> None:
        """What « Menu de mes extranets » does."""
        with self.world.application.app_context(), transaction():
            person = identities.by_email(self.email)
            assert person is not None
            menus.show(person, syndics.get(self.partner.syndic.slug).id)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


@pytest.fixture
def owner(world: World, tmp_path: Path) -> Iterator[Owner]:
    """At two running extranets."""
    with ExitStack() as stack:
        home, partner = (
            stack.enter_context(running(world, tmp_path, keeps_its_codes=False, legacy_disable="never"))
            for _ in range(2)
        )
        world.trust(home.syndic.slug, partner.syndic.slug)
        email = f"menu@{home.syndic.slug}.example"
        for syndic, account in ((home, 0), (home, 1), (partner, 0)):
            associate(world, syndic.syndic, syndic.syndic.accounts[account], email)
        yield Owner(world, email, home, partner)


def _at_home(owner: Owner, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(owner.home.url)
    page.get_by_role("link", name="Se connecter").click()
    page.get_by_label("Adresse e-mail ou identifiant").fill(owner.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_test_id("account-identifier")).to_be_visible()
    return page


def _listed(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator(".accounts-menu li").all()]


def test_a_click_in_the_menu_opens_another_account_and_another_agency(owner: Owner, chromium: Browser) -> None:
    owner.show()
    page = _at_home(owner, chromium.new_context(locale="fr-FR"))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    button = page.get_by_role("button", name="immeuble")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".accounts-menu [aria-current=true]")).to_have_text("Appt 12")
    assert _listed(page) == ["Appt 12", "Appt 12", "Compte 1"]
    expect(page.get_by_role("list", name=owner.partner.syndic.name)).to_be_visible()
    assert said == [], f"nothing is against the page's own policy: {said}"
    page.locator(".accounts-menu li a").nth(1).click()
    expect(page.get_by_test_id("account-identifier")).to_have_text(owner.home.syndic.accounts[1].identifier)
    page.get_by_role("button", name="immeuble").click()
    page.get_by_role("link", name="Compte 1").click()
    expect(page.get_by_role("link", name=owner.partner.syndic.name)).to_be_visible()
    assert page.url.startswith(owner.partner.url), "signed in at the partner, with no code typed"
    page.get_by_role("button", name="immeuble").click()
    expect(page.locator(".accounts-menu li")).to_have_count(1)
    page.get_by_role("link", name="Mes comptes").click()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()
    expect(page.locator("[aria-current=true]", has_text="Appt 12")).to_have_count(1)


def test_the_menu_is_worked_by_the_keyboard(owner: Owner, chromium: Browser) -> None:
    page = _at_home(owner, chromium.new_context(locale="fr-FR"))
    button, items = page.get_by_role("button", name="immeuble"), page.locator(".accounts-menu a")
    button.focus()
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(button).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Tab")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    page.get_by_role("heading", name="Bonjour").click()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_menu_fits_a_small_phone_and_passes_axe(owner: Owner, chromium: Browser) -> None:
    owner.show()
    page = _at_home(
        owner, chromium.new_context(locale="fr-FR", viewport={"width": 320, "height": 640}, bypass_csp=True)
    )
    page.get_by_role("button", name="immeuble").click()
    drawn = page.locator(".accounts-menu")
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box is not None
    assert box["x"] >= 0, box
    assert box["x"] + box["width"] <= 320, box
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "nothing is scrolled sideways"
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options)", RULES)["violations"]
    assert found == [], [(each["id"], each["nodes"][0]["html"]) for each in found]
    for link in page.locator(".accounts-menu a").all():
        size = link.bounding_box()
        assert size is not None
        assert size["height"] >= 24, "WCAG 2.5.8"


def test_without_a_script_the_link_leads_to_all_accounts(owner: Owner, chromium: Browser) -> None:
    page = _at_home(owner, chromium.new_context(locale="fr-FR", java_script_enabled=False))
    page.get_by_role("link", name="immeuble").click()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()
    expect(page.locator(".entry[aria-current=true]")).to_have_count(1)
    page.get_by_role("link", name="Appt 12").last.click()
    expect(page.get_by_test_id("account-identifier")).to_be_visible()
    assert page.url.startswith(owner.partner.url)


@pytest.mark.parametrize("failure", ["refused", "gone", "nonsense", "elsewhere"])
def test_where_the_menu_fails_the_link_is_followed(owner: Owner, chromium: Browser, failure: str) -> None:
    page = _at_home(owner, chromium.new_context(locale="fr-FR"))

    def fail(route: Route) -> None:
        if failure == "gone":
            route.abort()
        elif failure == "elsewhere":
            route.fulfill(status=302, headers={"Location": "/"})
        else:
            route.fulfill(status=502 if failure == "refused" else 200, body="<p>", content_type="text/html")

    page.route("**/accounts.json", fail)
    page.get_by_role("button", name="immeuble").click()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()


def test_after_a_logout_elsewhere_it_leads_through_the_login_page(owner: Owner, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr-FR")
    page = _at_home(owner, context)
    other = context.new_page()
    other.goto(f"{owner.world.base}/account/")
    other.get_by_role("button", name="Se déconnecter").click()
    expect(other.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    page.get_by_role("button", name="immeuble").click()
    expect(page.get_by_role("heading", name="Mon compte immobilier")).to_be_visible()
    page.get_by_label("Adresse e-mail ou identifiant").fill(owner.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()


def test_the_users_menu_has_what_an_owner_looks_for(owner: Owner, chromium: Browser) -> None:
    page = _at_home(owner, chromium.new_context(locale="fr-FR"))
    page.get_by_role("button", name="utilisateur").click()
    for name in ("Associer mon compte", "Gérer mes comptes", "Se déconnecter"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    manage = page.get_by_role("link", name="Gérer mes comptes").get_attribute("href")
    assert manage == f"{owner.world.base}/account/accounts/manage"
    page.get_by_role("link", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
