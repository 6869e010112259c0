"""« Renommer »: the owner's own name for an account, everywhere, and the syndic's again when it is emptied (C5)."""

import pytest

from tests.browser import Browser, Page
from tests.journeys.grouping.detaching import detach, links, manage
from tests.journeys.owner import owner, signed_in
from tests.journeys.steps import associate, email_sign_in
from tests.relying_party import RelyingParty
from tests.world import World

FIELD = "Nom du compte"


def _rename(world: World, browser: Browser, name: str, number: int = 0) -> Page:
    page = browser.get(world.base + links(manage(world, browser), "Renommer")[number])
    assert page.heading == "Renommer un compte", page.text[:300]
    return page.submit("Enregistrer", **{FIELD: name})


def test_the_name_is_shown_everywhere_and_its_syndics_own_comes_back(world: World) -> None:
    email, syndic, browser = owner(world, "nommee")
    associate(world, syndic, syndic.accounts[1], email)
    page = _rename(world, browser, "  L'appartement   de Mémé ")
    assert "Le nom du compte est enregistré." in page.text
    name = "L'appartement de Mémé"
    told = email_sign_in(syndic, email).userinfo
    assert told["account"]["label"] == name
    assert [each["label"] for each in told["accounts"]] == [name, "Appt 12"]
    for path in ("accounts", "accounts/manage"):
        assert name in browser.get(f"{world.base}/account/{path}").text, f"{path} does not show it"
    inside, _ = signed_in(world, email)
    inside.get(world.base + str(inside.get(f"{world.base}/account/accounts").link(name)["href"]))
    choice = RelyingParty(syndic).begin(inside, prompt="select_account")
    assert name in choice.text
    assert f'"name": "{name}"' in browser.get(f"{world.base}/account/data/file").response.text
    page = browser.get(world.base + links(manage(world, browser), "Renommer")[0])
    assert page.field(FIELD)["value"] == name
    assert "le nom donné par votre syndic : Appt 12" in page.text
    _rename(world, browser, "   ")
    assert email_sign_in(syndic, email).userinfo["account"]["label"] == "Appt 12"


@pytest.mark.parametrize("name", ["x" * 61, "a\x07b", "a\x00b", "\u202egnol", "a\u200bb", "a\u2028b"])
def test_what_is_too_long_or_cannot_be_seen_is_refused_with_a_reason(world: World, name: str) -> None:
    _, _, browser = owner(world, "refusee")
    address = world.base + links(manage(world, browser), "Renommer")[0]
    token = browser.get(address).hidden("csrf_token")
    assert browser.post(address, {"csrf_token": token, "name": name}).alert, "the page says what is wrong"
    assert "Appt 12" in manage(world, browser).text


@pytest.mark.parametrize("name", ["x", "x" * 60, "é" * 60, "Lot n° 4 – « Les Tilleuls » & <b>", "東京 🏠", "a\u00a0b"])
def test_any_name_that_can_be_read_is_kept(world: World, name: str) -> None:
    email, syndic, browser = owner(world, "gardee")
    assert "Le nom du compte est enregistré." in _rename(world, browser, name).text
    assert email_sign_in(syndic, email).userinfo["account"]["label"] == name.replace("\u00a0", " ")
    assert "<b>" not in manage(world, browser).response.text


def test_a_detached_account_cannot_be_renamed_or_chosen_in_another_tab(world: World) -> None:
    _, _, browser = owner(world, "onglet")
    address = world.base + links(manage(world, browser), "Renommer")[0]
    tab = browser.get(address)
    detach(world, browser)
    late = tab.submit("Enregistrer", **{FIELD: "Trop tard"})
    assert late.status == 410
    assert "n'est plus rattaché à votre adresse" in late.text
    assert browser.get(address).heading == "Ce compte est détaché"


def test_each_holder_has_a_name_of_their_own(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    one, two = f"elle@{syndic.slug}.example", f"lui@{syndic.slug}.example"
    for email in (one, two):
        associate(world, syndic, syndic.accounts[0], email)
    browser, _ = signed_in(world, one)
    _rename(world, browser, "Chez nous")
    assert email_sign_in(syndic, two).userinfo["account"]["label"] == "Appt 12"
