"""The page after a logout: it loads the logout addresses of the session's extranets, and goes on by itself."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from config.database import transaction
from tenants.clients import registry
from tenants.clients.models import Client
from tenants.clients.refusals import BadClient
from tenants.syndics import service as syndics
from tests.broker.oidc.receiver import FRONT, Receiver, client_of, enter, enter_silently, log_out, receiving
from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

HOSTILE_PATH = FRONT + "/%22'\"><script>alert(1)</script><i&amp;?x='\"><b>;y=1"
HOSTILE_HOSTS = (
    "https://a.example;script-src *",
    "https://a.example;script-src%20*/x",
    "https://*",
    "https://a.example,b.example/",
    "https://user@a.example/",
    "https://a.example:x/",
    "https://a.example/ b",
    "https://a.example/\n",
    "https://exämple.example/",
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def _frames(page: Page) -> list[str]:
    return [str(frame["src"]) for frame in page.soup.find_all("iframe")]


def _frame_sources(page: Page) -> list[str]:
    policy = page.response.headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert len(directives) == len(policy.split(";")), "each directive stands once"
    return directives["frame-src"].split()


def test_without_an_extranet_that_needs_a_frame_the_browser_goes_back_at_once(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver)
    browser = Browser()
    left = log_out(client, browser, enter(client, browser), state="x")
    assert isinstance(left, Arrived), "nobody waits for a page that has nothing to do"
    assert left.response.status_code == 303
    assert left.query == {"state": "x"}


def test_the_page_loads_the_sessions_extranets_and_goes_on_by_itself_with_a_link_beside(
    world: World, receiver: Receiver
) -> None:
    syndic = world.syndic()
    client = client_of(world, syndic, receiver, front=f"{FRONT}?tenant=é".replace("é", "%C3%A9"))
    client_of(world, syndic, receiver, front="/never-entered")
    browser = Browser()
    tokens = enter(client, browser)
    page = log_out(client, browser, tokens, state="a&b")
    assert page.status == 200
    assert page.heading == "Vous êtes déconnecté"
    (address,) = _frames(page)
    assert address.startswith(f"{receiver.url}{FRONT}?tenant=%C3%A9&"), "what the address has is kept as it is"
    assert parse_qs(urlsplit(address).query) == {
        "tenant": ["é"],
        "iss": [client.issuer],
        "sid": [tokens.id_claims["sid"]],
    }
    assert _frame_sources(page) == [receiver.url], "the page may load this origin, and no other"
    target = "http://127.0.0.1:9999/logged-out?state=a%26b"
    refresh = page.soup.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh is not None
    assert refresh["content"] == f"0; url={target}", "it goes on without a script"
    assert page.link("Continuer")["href"] == target, "and whoever does not want to wait has a link"
    assert "no-store" in page.response.headers["cache-control"]


def test_the_frames_of_every_syndic_in_the_session_are_there_each_with_its_own_issuer(
    world: World, receiver: Receiver
) -> None:
    one, partner = world.syndic(), world.syndic()
    world.trust(one.slug, partner.slug)
    email = f"cadres@{one.slug}.example"
    for syndic in (one, partner):
        associate(world, syndic, syndic.accounts[0], email)
    with receiving() as other:
        here, there = client_of(world, one, receiver, front="/a"), client_of(world, partner, other, front="/b")
        browser, party = Browser(), RelyingParty(here)
        tokens = party.complete(sign_in(party.begin(browser), email, PASSWORD))
        elsewhere = enter_silently(there, browser)
        page = log_out(here, browser, tokens)
    framed = {urlsplit(address).path: parse_qs(urlsplit(address).query) for address in _frames(page)}
    assert framed == {
        "/a": {"iss": [one.issuer], "sid": [tokens.id_claims["sid"]]},
        "/b": {"iss": [partner.issuer], "sid": [elsewhere.id_claims["sid"]]},
    }
    assert _frame_sources(page) == sorted([receiver.url, other.url])


def test_the_portals_logout_has_the_frames_and_leads_nowhere_by_itself(world: World, receiver: Receiver) -> None:
    syndic = world.syndic()
    email = f"cadre@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    client = client_of(world, syndic, receiver, front=FRONT)
    browser, party = Browser(), RelyingParty(client)
    party.complete(sign_in(party.begin(browser), email, PASSWORD))
    page = browser.get(f"{world.base}/account/accounts").submit("Se déconnecter")
    assert page.heading == "Vous êtes déconnecté"
    assert [urlsplit(address).path for address in _frames(page)] == [FRONT]
    assert page.soup.find("meta", attrs={"http-equiv": "refresh"}) is None


def test_a_logout_that_asks_first_loads_the_frames_after_the_answer_in_the_language_asked_for(
    world: World, receiver: Receiver
) -> None:
    client = client_of(world, world.syndic(), receiver, front=FRONT)
    browser = Browser()
    enter(client, browser)
    asked = browser.get(f"{client.issuer}/end_session", params={"ui_locales": "en-GB fr"})
    assert _frames(asked) == [], "nothing ends before the answer"
    assert _frame_sources(asked) == ["'none'"]
    page = asked.submit("Sign out")
    assert page.heading == "You are signed out"
    assert len(_frames(page)) == 1


def test_a_hostile_address_stays_inside_its_attribute(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver, front=HOSTILE_PATH)
    browser = Browser()
    page = log_out(client, browser, enter(client, browser))
    (address,) = _frames(page)
    assert address.startswith(receiver.url + HOSTILE_PATH + "&iss="), "the address is text, whatever it says"
    scripts = [tag for tag in page.soup.find_all("script") if not tag.has_attr("src") and not tag.has_attr("nonce")]
    assert scripts == [], "nothing that a client registered becomes markup"
    assert _frame_sources(page) == [receiver.url]


@pytest.mark.parametrize("address", HOSTILE_HOSTS)
@pytest.mark.parametrize("field", ["frontchannel_logout_uri", "backchannel_logout_uri", "redirect_uris"])
def test_an_address_that_could_become_a_directive_is_not_registered(
    world: World, receiver: Receiver, address: str, field: str
) -> None:
    value: Any = [address] if field == "redirect_uris" else address
    with pytest.raises(BadClient):
        client_of(world, world.syndic(accounts=0), receiver, **{field: value})


@pytest.mark.parametrize("address", HOSTILE_HOSTS[:5])
def test_one_that_was_registered_all_the_same_loosens_no_policy(world: World, receiver: Receiver, address: str) -> None:
    client = client_of(world, world.syndic(), receiver, front=FRONT)
    _set_behind_the_schema(world, client, address)
    browser = Browser()
    page = log_out(client, browser, enter(client, browser))
    assert len(_frames(page)) == 1, "the page comes"
    assert _frame_sources(page) == ["'none'"], "and an address that is more than an origin is not allowed in it"
    assert "script-src *" not in page.response.headers["content-security-policy"]


def _set_behind_the_schema(world: World, client: TestSyndic, address: str) -> None:
    with world.application.app_context(), transaction() as work:
        row = work.query(Client).filter_by(client_id=client.client_id).one()
        row.frontchannel_logout_uri = address
        syndics.touch(row.syndic_id)
    registry.forget()


def test_a_frame_of_another_origin_than_the_sign_ins_is_not_registered(world: World, receiver: Receiver) -> None:
    syndic = world.syndic(accounts=0)
    with pytest.raises(BadClient, match="frontchannel_logout_uri"):
        client_of(world, syndic, receiver, frontchannel_logout_uri="https://elsewhere.example/logout")
