"""The main job where the syndic keeps its codes itself: verified and disabled at its extranet, over signed calls."""

import json
from pathlib import Path
from typing import Any

import httpx2

from tests.browser import Browser, Page
from tests.journeys.extranets import Extranet, running
from tests.journeys.steps import PASSWORD, associate, confirm_by_code, from_the_address, sign_in, until_waiting
from tests.world import World

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


def _at(page: Page, name: str) -> str:
    found = page.soup.select_one(f'[data-testid="{name}"]')
    assert found is not None, f"the extranet shows {name}: {page.text[:400]}"
    return found.get_text().strip()


def _effects(extranet: Extranet) -> dict[str, int]:
    answer: dict[str, int] = httpx2.get(f"{extranet.url}/legacy/effects").json()
    return answer


def test_an_owner_migrates_at_an_extranet_that_verifies_and_disables_its_own_codes(
    world: World, tmp_path: Path
) -> None:
    with running(world, tmp_path, keeps_its_codes=True, **REQUIRED) as extranet:
        account, email = extranet.syndic.accounts[0], f"odette@{extranet.syndic.slug}.example"
        browser = Browser()
        page = sign_in(browser.get(extranet.url).follow("Se connecter"), account.identifier, account.password)
        done = confirm_by_code(world, until_waiting(page, email), email)
        inside = done.follow("Accéder à mon espace client")
        assert _at(inside, "account-identifier") == account.identifier
        assert _at(inside, "holder") == account.holder
        claims = json.loads(_at(inside, "claims"))
        assert claims["id_token"]["acr"] == "password"
        assert _effects(extranet) == {}, "nothing is disabled before the worker acts"
        world.work()
        assert _effects(extranet) == {account.identifier: 1}, "disabled once at its source"
        world.work()
        assert _effects(extranet) == {account.identifier: 1}
        refused = sign_in(Browser().get(extranet.url).follow("Se connecter"), account.identifier, account.password)
        assert "Cet identifiant ne peut plus être utilisé." in refused.alert
        again = sign_in(Browser().get(extranet.url).follow("Se connecter"), email, PASSWORD)
        assert _at(again, "account-identifier") == account.identifier
        world.ledger_is_whole()


def test_a_wrong_code_at_the_source_is_a_wrong_password_here(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        account = extranet.syndic.accounts[0]
        page = sign_in(Browser().get(extranet.url).follow("Se connecter"), account.identifier, "wrong")
        assert page.alert.startswith("Mot de passe invalide")


def test_associating_is_asked_for_from_the_extranets_menu_where_it_is_optional(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=False) as extranet:
        account, browser = extranet.syndic.accounts[0], Browser()
        email = f"menu@{extranet.syndic.slug}.example"
        inside = sign_in(browser.get(extranet.url).follow("Se connecter"), account.identifier, account.password)
        assert _at(inside, "account-identifier") == account.identifier, "optional: no interstitial"
        question = inside.follow("Associer mon compte")
        assert question.heading == "Associer ce compte ?"
        page = from_the_address(question.submit("Associer ce compte"), email)
        back = page.follow("Accéder à mon espace client")
        assert _at(back, "account-identifier") == account.identifier, "the way back is the extranet's own door"


def test_logging_out_at_the_extranet_ends_the_sign_in(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=False) as extranet:
        account, browser = extranet.syndic.accounts[0], Browser()
        inside = sign_in(browser.get(extranet.url).follow("Se connecter"), account.identifier, account.password)
        inside.follow("Se déconnecter")
        assert browser.get(extranet.url).follow("Se connecter").heading == "Mon compte immobilier"


def test_the_building_icon_leads_to_my_accounts(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=False, **REQUIRED) as extranet:
        email, browser = f"immeuble@{extranet.syndic.slug}.example", Browser()
        account = extranet.syndic.accounts[0]
        page = sign_in(browser.get(extranet.url).follow("Se connecter"), account.identifier, account.password)
        inside = confirm_by_code(world, until_waiting(page, email), email).follow("Accéder à mon espace client")
        accounts = inside.follow("immeuble")
        assert accounts.heading == "Mes comptes"
        assert accounts.status == 200
        assert accounts.soup.select_one('[aria-current="true"]') is not None


def test_a_click_on_another_account_opens_it_without_any_password(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=False, **REQUIRED) as extranet:
        first, second = extranet.syndic.accounts[:2]
        email = f"bascule@{extranet.syndic.slug}.example"
        for account in (first, second):
            associate(world, extranet.syndic, account, email)
        inside = sign_in(Browser().get(extranet.url).follow("Se connecter"), email, PASSWORD)
        assert _at(inside, "account-identifier") == first.identifier, "the default account opens"
        links = inside.follow("immeuble").soup.select("main a.entry")
        assert [link.get("aria-current") for link in links] == ["true", None]
        switched = inside.browser.get(world.base + str(links[1]["href"]))
        assert _at(switched, "account-identifier") == second.identifier
