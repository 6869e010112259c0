"""Passkeys in a real browser with a virtual authenticator, at an address that has a name: IP addresses have none."""

import os
import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

from broker.web.application import Application
from config.settings import settings
from tenants.clients import registry
from tests.broker.oidc.owners import owner
from tests.journeys.steps import NAME, PASSWORD
from tests.relying_party import RelyingParty
from tests.world import World

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CALLBACK = "http://127.0.0.1:9999/**"


@pytest.fixture
def named(world: World, application: Application) -> Iterator[World]:
    """The same servers, under the name that every machine has."""
    before, host, base = os.environ["TROUSSEAU_BASE_URL"], application.base_host, world.base
    address = f"http://localhost:{urlsplit(before).port}"
    _move(application, address, f"localhost:{urlsplit(before).port}")
    world.base = address
    yield world
    _move(application, before, host)
    world.base = base


def _move(application: Application, address: str, host: str) -> None:
    os.environ["TROUSSEAU_BASE_URL"], application.base_host = address, host
    settings.cache_clear()
    registry.forget()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


class Device:
    """A browser with its own authenticator, on a person's desk."""

    def __init__(self, chromium: Browser, **kind: Any) -> None:
        self.context: BrowserContext = chromium.new_context(locale="fr-FR")
        self.page: Page = self.context.new_page()
        self.context.route(CALLBACK, lambda route: route.fulfill(body="<title>Extranet</title>"))
        self.tools: CDPSession = self.context.new_cdp_session(self.page)
        self.tools.send("WebAuthn.enable")
        added = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **kind}})
        self.authenticator = added["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        """The passkeys that the authenticator holds."""
        found = self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        made: list[dict[str, Any]] = found["credentials"]
        return made

    def sign_in(self, email: str) -> None:
        """Type name and password on the page that is open."""
        self.page.get_by_label(NAME).fill(email)
        self.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Connexion").click()


def test_a_passkey_is_made_in_security_and_signs_in_at_the_extranet_and_at_the_portal(
    named: World, chromium: Browser
) -> None:
    person, device = owner(named), Device(chromium)
    page = device.page
    page.goto(f"{named.base}/account/security")
    device.sign_in(person.email)
    expect(page.get_by_role("heading", name="Sécurité", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ajouter une clé d'accès").click()
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom de cette clé").fill("Téléphone de Jeanne")
    page.get_by_role("button", name="Créer la clé d'accès").click()
    expect(page.get_by_role("heading", name="Codes de récupération")).to_be_visible()
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
    page.get_by_role("link", name="J'ai gardé mes codes").click()
    expect(page.get_by_text("Téléphone de Jeanne")).to_be_visible()
    assert device.credentials()[0]["rpId"] == "localhost"

    page.context.clear_cookies()
    party = RelyingParty(person.syndic)
    page.goto(party.address())
    device.sign_in(person.email)
    expect(page.get_by_role("heading", name="Confirmez que c'est vous")).to_be_visible()
    with page.expect_request(CALLBACK) as arrived:
        page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    code = dict(part.split("=", 1) for part in urlsplit(arrived.value.url).query.split("&"))["code"]
    answer = party.redeem(code)
    assert answer.status_code == 200, answer.text

    expect(page).to_have_url(re.compile("^chrome-error:"))  # nobody listens there: the browser must have seen it
    page.context.clear_cookies()
    page.goto(f"{named.base}/account/security")
    device.sign_in(person.email)
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page.get_by_role("heading", name="Sécurité", exact=True)).to_be_visible()


def test_a_device_that_does_not_know_its_user_says_so_and_the_other_ways_stay(named: World, chromium: Browser) -> None:
    person, device = owner(named), Device(chromium)
    page = device.page
    page.goto(f"{named.base}/account/security/passkey")
    device.sign_in(person.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    device.tools.send("WebAuthn.setUserVerified", {"authenticatorId": device.authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Créer la clé d'accès").click()
    expect(page.get_by_role("alert")).to_contain_text("n'a pas pu créer de clé d'accès")
    expect(page.get_by_role("alert")).to_be_focused()
    device.tools.send("WebAuthn.setUserVerified", {"authenticatorId": device.authenticator, "isUserVerified": True})
    page.get_by_role("button", name="Créer la clé d'accès").click()
    expect(page.get_by_role("heading", name="Codes de récupération")).to_be_visible()
    recovery = page.locator(".recovery-codes code").first.inner_text()

    other = Device(chromium)
    other.page.goto(f"{named.base}/account/security")
    other.sign_in(person.email)
    other.page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(other.page.get_by_role("alert")).to_contain_text("n'a pas été reconnue sur cet appareil")
    other.page.get_by_role("link", name="Utiliser un code de récupération").click()
    other.page.get_by_label("Code de récupération").fill(recovery)
    other.page.get_by_role("button", name="Valider").click()
    expect(other.page.get_by_role("heading", name="Sécurité", exact=True)).to_be_visible()


def test_without_javascript_the_pages_say_so_and_offer_the_application(named: World, chromium: Browser) -> None:
    person = owner(named)
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{named.base}/account/security/passkey")
    page.get_by_label(NAME).fill(person.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("ont besoin de JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Créer la clé d'accès")).to_be_hidden()
    page.get_by_role("link", name="Ajouter une application d'authentification").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("img", name="Image à viser avec l'application d'authentification")).to_be_visible()
