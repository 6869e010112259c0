"""« Appareils connectés »: where a person is signed in, and the ways to end it."""

import re

from bs4 import Tag

from tests.broker.account.owners import WINDOWS, Person, at_the_portal, enter, is_signed_in, person
from tests.broker.oidc.receiver import BACK, client_of, receiving
from tests.browser import Browser, Page
from tests.journeys.steps import associate, legacy_sign_in
from tests.world import World

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}", re.IGNORECASE)


def _entry(page: Page, device: str, button: str) -> Tag:
    """The entry of a device that has that button."""
    for item in page.soup.select(".entries li"):
        said = " ".join(item.get_text(" ").split())
        if device in said and item.find("button", string=button):
            return item
    raise AssertionError(f"the page promises {device} with « {button} »; it says: {page.text}")


def _press(who: Person, page: Page, device: str, button: str) -> Page:
    form = _entry(page, device, button).find("form")
    assert isinstance(form, Tag)
    values = {str(each["name"]): str(each["value"]) for each in form.find_all("input")}
    return who.browser.post(f"{who.owner.world.base}{form['action']}", values)


def test_every_browser_stands_there_in_plain_words_with_what_it_opened(world: World) -> None:
    who = person(world)
    at_the_portal(world, who.email)
    page = who.page("devices")
    text = page.text
    assert "Safari sur iPhone" in text
    assert "Navigateur inconnu" in text, "what does not say what it is, is not guessed"
    assert text.count("Cet appareil") == 1
    here = page.soup.select_one(".entries li")
    assert here is not None
    assert "Cet appareil" in here.get_text(), "this one stands first"
    assert f"Espaces ouverts : Extranet {who.owner.syndic.name}" in " ".join(here.get_text(" ").split())
    assert "127.0.0" not in str(page.soup), "no address of a network"
    assert not UUID.search(page.soup.get_text() + str(page.soup.find_all("form"))), "no key of a row"


def test_one_device_is_signed_out_and_its_extranet_told(world: World) -> None:
    with receiving() as told:
        client = client_of(world, world.syndic(), told, back=BACK)
        who = person(world, client)
        laptop = Browser()
        laptop.http.headers["User-Agent"] = WINDOWS
        enter(client, laptop, who.email)
        phone = at_the_portal(world, who.email)
        page = _press(who, who.page("devices"), "Chrome sur Windows", "Déconnecter")
        assert "Cet appareil est déconnecté." in page.text
        assert not is_signed_in(world, laptop)
        assert is_signed_in(world, phone), "and no other"
        assert is_signed_in(world, who.browser)
        world.work()
        assert len(told.posts) == 1, "its extranet is told, once"
    assert "Vous avez déconnecté un appareil : Chrome sur Windows." in who.page("history").text


def test_pressing_twice_or_in_an_old_tab_harms_nobody(world: World) -> None:
    who = person(world)
    phone = at_the_portal(world, who.email)
    old = who.page("devices")
    for _ in range(2):
        assert _press(who, old, "iPhone", "Déconnecter").status == 200
    assert not is_signed_in(world, phone)
    history = who.page("history").text
    assert history.count("Vous avez déconnecté un appareil") == 1


def test_another_persons_device_is_out_of_reach(world: World) -> None:
    who, other = person(world), person(world)
    phone = at_the_portal(world, other.email)
    form = _entry(other.page("devices"), "iPhone", "Déconnecter").find("form")
    assert isinstance(form, Tag)
    wanted = str(form.find("input", {"name": "session"})["value"])  # type: ignore[index]  # the form names its session
    token = who.page("devices").hidden("csrf_token")
    who.browser.post(f"{world.base}/account/devices/end", {"csrf_token": token, "session": wanted})
    assert is_signed_in(world, phone)


def test_everywhere_means_this_browser_too_as_the_page_says_beforehand(world: World) -> None:
    with receiving() as told:
        client = client_of(world, world.syndic(), told, back=BACK)
        who = person(world, client)
        laptop = Browser()
        enter(client, laptop, who.email)
        phone = at_the_portal(world, who.email)
        party = who.owner.party()
        tokens = who.owner.tokens(party)
        page = who.page("devices")
        assert "Tous vos appareils seront déconnectés, y compris celui-ci." in page.text
        assert page.submit("Déconnecter partout").heading == "Vous êtes déconnecté"
        for browser in (laptop, phone, who.browser):
            assert not is_signed_in(world, browser)
        assert party.refresh(tokens["refresh_token"]).status_code == 400
        world.work()
        assert len(told.posts) == 2, "the extranet is told of both sessions in which it was opened"
    assert "Tous les appareils" in world.mails_to(who.email)[0].text


def test_everywhere_leaves_other_peoples_and_legacy_sign_ins_alone(world: World) -> None:
    who = person(world)
    syndic = who.owner.syndic
    other = Browser()
    _, page = legacy_sign_in(other, syndic, syndic.accounts[1])
    assert page.url.startswith("http://127.0.0.1:9999"), page.text[:300]
    associate(world, syndic, syndic.accounts[1], f"autre@{syndic.slug}.example")
    neighbour = at_the_portal(world, f"autre@{syndic.slug}.example")
    who.page("devices").submit("Déconnecter partout")
    assert is_signed_in(world, neighbour)


def test_a_browser_is_forgotten_and_signing_in_there_makes_it_known_anew(world: World) -> None:
    who = person(world)
    phone = at_the_portal(world, who.email)
    page = _press(who, who.page("devices"), "iPhone", "Oublier")
    assert "Ce navigateur est oublié." in page.text
    assert "Vous avez oublié un navigateur reconnu : Safari sur iPhone." in who.page("history").text
    assert is_signed_in(world, phone), "forgetting signs nobody out"
    known = page.soup.find(id="known").find_parent("section")  # type: ignore[union-attr]  # the page has that heading
    assert known is not None
    assert "iPhone" not in known.get_text()


def test_who_has_one_device_is_told_so(world: World) -> None:
    who = person(world)
    who.page("devices").submit("Déconnecter partout")
    alone = at_the_portal(world, who.email)
    page = alone.get(f"{world.base}/account/devices")
    assert "Vous n'êtes connecté sur aucun autre appareil." in page.text
    assert not page.has("button", "Déconnecter")


def test_a_session_that_idled_too_long_is_not_shown(world: World) -> None:
    who = person(world)
    at_the_portal(world, who.email)
    world.later(hours=6)
    assert "iPhone" in who.page("devices").text
    world.later(hours=5)
    assert is_signed_in(world, who.browser), "kept awake"
    world.later(hours=6)
    page = who.page("devices")
    sessions = page.soup.find("ul", class_="entries")
    assert isinstance(sessions, Tag)
    assert "iPhone" not in sessions.get_text()
