"""The main job once in a real browser, at a real extranet: as an owner sees it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.journeys.extranets import running
from tests.journeys.publishing import publish
from tests.journeys.steps import PASSWORD, associate
from tests.world import World

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 320, "height": 640}
REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        program = shutil.which("chromium")
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_main_job_from_the_extranets_link_to_the_extranets_page(
    world: World, tmp_path: Path, chromium: Browser, javascript: bool
) -> None:
    with running(world, tmp_path, keeps_its_codes=True, **REQUIRED) as extranet:
        account, email = extranet.syndic.accounts[0], f"navigateur@{extranet.syndic.slug}.example"
        home = chromium.new_context(java_script_enabled=javascript, locale="fr-FR").new_page()
        _reach_the_mail(home, extranet.url, account.identifier, account.password, email)
        world.work()
        phone = chromium.new_context(java_script_enabled=javascript, locale="fr-FR", viewport=PHONE)
        _confirm_by_link(phone.new_page(), world.mailed_link(email), email)
        world.work()
        home.goto(home.url)
        expect(home.get_by_role("heading", name="Ce compte est associé")).to_be_visible()
        home.get_by_role("link", name="Accéder à mon espace client").click()
        expect(home.get_by_test_id("account-identifier")).to_have_text(account.identifier)
        later = chromium.new_context(java_script_enabled=javascript, locale="fr-FR").new_page()
        _sign_in(later, extranet.url, email, PASSWORD)
        expect(later.get_by_test_id("account-identifier")).to_have_text(account.identifier)
        retired = chromium.new_context(java_script_enabled=javascript, locale="fr-FR").new_page()
        _sign_in(retired, extranet.url, account.identifier, account.password)
        expect(retired.get_by_role("alert")).to_contain_text("Cet identifiant ne peut plus être utilisé.")


def test_new_terms_are_accepted_on_the_way_to_the_extranet(world: World, tmp_path: Path, chromium: Browser) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        account, email = extranet.syndic.accounts[0], f"relecture@{extranet.syndic.slug}.example"
        associate(world, extranet.syndic, account, email)
        version = publish(world, extranet.syndic)
        page = chromium.new_context(locale="fr-FR", viewport=PHONE).new_page()
        _sign_in(page, extranet.url, email, PASSWORD)
        expect(page.get_by_role("heading", name="Conditions Générales d'Utilisation")).to_be_visible()
        expect(page.get_by_text(f"Texte fr de {version}.")).to_be_visible()
        page.get_by_label("J'ai lu et j'accepte les présentes conditions").check()
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_test_id("account-identifier")).to_have_text(account.identifier)


def _sign_in(page: Page, extranet: str, name: str, password: str) -> None:
    page.goto(extranet)
    page.get_by_role("link", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Mon compte immobilier")).to_be_visible()
    page.get_by_label("Adresse e-mail ou identifiant").fill(name)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Connexion").click()


def _reach_the_mail(page: Page, extranet: str, identifier: str, code: str, email: str) -> None:
    _sign_in(page, extranet, identifier, code)
    expect(page.get_by_role("heading", name="Votre accès à l'espace client évolue !")).to_be_visible()
    page.get_by_role("button", name="Étape suivante").click()
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("J'ai lu et j'accepte les présentes conditions").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Vous êtes maintenant connecté")).to_be_visible()


def _confirm_by_link(page: Page, link: str, email: str) -> None:
    page.goto(link)
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("heading", name="Ce compte est associé")).to_be_visible()
