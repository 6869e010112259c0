"""An address of the menu leads its owner to another account's extranet: once, at home, and never anybody else."""

import re
import threading
from collections.abc import Callable

import httpx2
import pytest

from config.database import transaction
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.oidc.menus import SCOPE, Holder, holder, led, signed_in
from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import NAME, PASSWORD, associate
from tests.relying_party import RelyingParty
from tests.world import World

ELSEWHERE = "Ouvrez vos comptes ici"
ASKS = "Ouvrir ce compte ?"
GONE = "Ce compte ne s'ouvre plus d'ici"
CHANGING = re.compile(r'(name="csrf_token" value|nonce)="[^"]*"|/switch/[\w-]+')


def _told(person: Holder) -> dict[str, str]:
    return {"iss": person.partner.issuer, "login_hint": f"account:{person.account_id(person.partner)}"}


def test_it_leads_to_the_other_extranets_own_login_address(world: World) -> None:
    person = holder(world)
    answer = person.browser.http.get(person.switch())
    assert (answer.status_code, led(answer)) == (303, _told(person))
    assert answer.headers["location"].startswith("http://127.0.0.1:9999/login?"), "a registered address"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer", "the other extranet does not learn from where"


def test_the_other_issuer_signs_the_owner_in_for_that_account_without_a_page(world: World) -> None:
    person = holder(world)
    associate(world, person.partner, person.partner.accounts[1], person.owner.email)
    for entry in person.at(person.partner):
        told = led(person.browser.get(str(entry["switch_uri"])))
        party = RelyingParty(person.partner)
        tokens = party.complete(party.begin(person.browser, login_hint=told["login_hint"]))
        assert f"account:{tokens.userinfo['account']['id']}" == told["login_hint"]


def test_it_leads_to_another_account_of_the_same_syndic_and_the_menu_follows(world: World) -> None:
    person = holder(world)
    associate(world, person.home, person.home.accounts[1], person.owner.email)
    second = person.at(person.home)[1]
    told = led(person.browser.get(str(second["switch_uri"])))
    assert told == {"iss": person.home.issuer, "login_hint": f"account:{second['id']}"}
    listed = person.menu(person.token(login_hint=told["login_hint"]))
    assert [each["current"] for each in person.at(person.home, listed)] == [False, True]


def test_a_client_of_several_is_led_back_to_itself(world: World) -> None:
    person = holder(world)
    other = world.client(person.home, initiate_login_uri="http://127.0.0.1:9999/login?app=2")
    entry = person.at(person.home, person.menu(person.token(RelyingParty(other))))[0]
    assert led(person.browser.get(str(entry["switch_uri"])))["app"] == "2"
    assert "app" not in led(person.browser.get(person.switch(person.home)))


def test_where_that_syndic_does_not_accept_the_sign_in_its_login_page_comes(world: World) -> None:
    person = holder(world, purposes=("link", "list"))
    told = led(person.browser.get(person.switch()))
    assert told == _told(person)
    party = RelyingParty(person.partner)
    page = party.begin(person.browser, login_hint=told["login_hint"])
    assert page.heading == "Mon compte immobilier"
    page = page.submit("Connexion", **{NAME: person.owner.email, "Mot de passe": PASSWORD})
    tokens = party.complete(page)
    assert f"account:{tokens.userinfo['account']['id']}" == told["login_hint"], "and then that account opens"


def test_it_works_once_and_then_asks_the_owner(world: World) -> None:
    person = holder(world)
    address = person.switch()
    assert led(person.browser.get(address)) == _told(person)
    again = person.browser.get(address)
    assert (again.status, again.heading) == (200, ASKS)
    assert person.partner.name in again.text, "in her own browser it says which account"
    assert "form-action 'self' http://127.0.0.1:9999;" in again.response.headers["content-security-policy"]
    assert led(again.submit("Ouvrir ce compte")) == _told(person), "a second click is no dead end"
    assert person.browser.get(address).heading == ASKS


def test_of_two_tabs_that_open_it_at_once_one_is_led_on(world: World) -> None:
    person = holder(world)
    address, cookies = person.switch(), dict(person.browser.http.cookies)
    statuses: list[int] = []
    start = threading.Barrier(4)

    def tab() -> None:
        with httpx2.Client(cookies=cookies) as http:
            start.wait()
            statuses.append(http.get(address).status_code)

    threads = [threading.Thread(target=tab) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 303]


def test_a_head_uses_nothing_up(world: World) -> None:
    person = holder(world)
    address = person.switch()
    for _ in range(2):
        person.browser.http.head(address)
    assert led(person.browser.get(address)) == _told(person)


def test_a_menu_that_stayed_open_for_more_than_ten_minutes_asks(world: World) -> None:
    person = holder(world)
    early, late = person.switch(), person.switch()
    world.later(minutes=9)
    assert led(person.browser.get(early)) == _told(person)
    world.later(minutes=2)
    page = person.browser.get(late)
    assert page.heading == ASKS
    assert led(page.submit("Ouvrir ce compte")) == _told(person)


def _same(page: Page) -> str:
    return CHANGING.sub("", page.response.text)


def test_in_any_other_browser_it_tells_nothing_and_changes_nothing(world: World) -> None:
    person, stranger = holder(world), owner(world)
    address = person.switch()
    rubbish = f"{person.home.issuer}/switch/rubbish"
    tampered = address[:-6] + ("A" if address[-6] != "A" else "B") + address[-5:]
    again = signed_in(person.home, person.owner.email)
    browsers = (Browser(), stranger.browser, again)
    pages = [browser.get(address) for browser in browsers]
    pages += [person.browser.get(tampered), person.browser.get(rubbish), Browser().get(rubbish)]
    assert {page.heading for page in pages} == {ELSEWHERE}
    assert len({(page.status, _same(page)) for page in pages}) == 1, "to a stranger it is like any rubbish"
    onward = pages[0].submit("Mes comptes")
    assert onward.has("button", "Connexion"), "the button leads through the login page"
    assert pages[2].submit("Mes comptes").heading == "Mes comptes", "whoever is signed in finds the accounts there"
    assert led(person.browser.get(address)) == _told(person), "and the owner's own address is as good as before"


def test_a_stranger_cannot_press_its_button(world: World) -> None:
    person, stranger = holder(world), owner(world)
    address = person.switch()
    form = stranger.browser.get(f"{world.base}/login")
    page = stranger.browser.post(address, {"csrf_token": form.hidden("csrf_token")})
    assert page.heading == ELSEWHERE
    assert led(person.browser.http.post(address, data={})) == {}, "nor can another site press it for her"


def test_it_means_nothing_below_another_syndic(world: World) -> None:
    person = holder(world)
    moved = person.switch().replace(person.home.issuer, person.partner.issuer)
    assert person.browser.get(moved).heading == ELSEWHERE


def test_after_a_logout_it_leads_through_the_login_page(world: World) -> None:
    person = holder(world)
    address = person.switch()
    person.browser.get(f"{person.home.issuer}/end_session").submit("Se déconnecter")
    assert person.browser.get(address).heading == ELSEWHERE


def _trust_ends(person: Holder) -> None:
    with person.world.application.app_context(), transaction():
        trust.deny(syndics.get(person.partner.slug).id, syndics.get(person.home.slug).id)


def _link_ends(person: Holder) -> None:
    with person.world.application.app_context(), transaction():
        person.link(person.partner).state = "ended"


def _she_hides_it(person: Holder) -> None:
    person.hide(person.partner)


def _partner_is_suspended(person: Holder) -> None:
    person.world.suspend(person.partner)


def _partner_closes_its_door(person: Holder) -> None:
    person.world.change_client(person.partner, initiate_login_uri=None)


def _client_is_suspended(person: Holder) -> None:
    person.world.change_client(person.home, status="suspended")


@pytest.mark.parametrize(
    "end", [_trust_ends, _link_ends, _she_hides_it, _partner_is_suspended, _partner_closes_its_door,
            _client_is_suspended],
)  # fmt: skip
def test_it_asks_again_at_that_instant_whether_it_may(world: World, end: Callable[[Holder], None]) -> None:
    person = holder(world)
    fresh, used = person.switch(), person.switch()
    assert led(person.browser.get(used)) == _told(person)
    asking = person.browser.get(used)
    end(person)
    for page in (person.browser.get(fresh), person.browser.get(used), asking.submit("Ouvrir ce compte")):
        assert (page.status, page.heading) == (410, GONE)
        assert page.follow("Mes comptes").heading == "Mes comptes", "a way on"


def test_no_extranet_opens_an_account_for_a_sign_in_at_the_portal(world: World) -> None:
    person = holder(world, purposes=("link", "list"))
    browser = Browser()
    browser.get(f"{world.base}/login").submit("Connexion", **{NAME: person.owner.email, "Mot de passe": PASSWORD})
    browser.get(f"{world.base}/account/accounts").follow("Appt 12")
    listed = person.menu(person.token(browser=browser))
    told = led(browser.get(str(person.at(person.partner, listed)[0]["switch_uri"])))
    page = RelyingParty(person.partner).begin(browser, login_hint=told["login_hint"])
    assert page.heading == "Mon compte immobilier", "the extranet holds the address, and could open it by itself"


def test_from_mes_comptes_too_a_partner_that_does_not_accept_the_sign_in_asks_for_it(world: World) -> None:
    for purposes, silent in ((("link", "switch"), True), (("link",), False)):
        person = holder(world, purposes=purposes, shown=False)
        page = person.browser.get(f"{world.base}/account/accounts")
        hrefs = [str(tag["href"]) for tag in page.soup.select("a.entry")]
        opened = [led(person.browser.get(world.base + href)) for href in hrefs]
        (told,) = [each for each in opened if each["iss"] == person.partner.issuer]
        landed = RelyingParty(person.partner).begin(person.browser, login_hint=told["login_hint"], scope=SCOPE)
        assert isinstance(landed, Arrived) is silent
