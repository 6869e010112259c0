"""« Associer mon compte », begun by the extranet for a person who is signed in there (JOURNEYS B14)."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from config import clock
from config.database import transaction
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.client_key import ClientKey
from tests.journeys.steps import associate, confirm_by_code, email_sign_in, from_the_address
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World


def _announce(syndic: TestSyndic, changes: dict[str, str] | None = None, *, minutes_ago: float = 0) -> httpx2.Response:
    then = str(int(clock.now().timestamp() - minutes_ago * 60))
    values = {"identifier": syndic.accounts[0].identifier, "auth_time": then, **(changes or {})}
    return RelyingParty(syndic).ask("association_endpoint", values)


def _opened(syndic: TestSyndic, browser: Browser | None = None, *, minutes_ago: float = 0) -> Page:
    answer = _announce(syndic, minutes_ago=minutes_ago)
    assert answer.status_code == 201, answer.text
    assert answer.json()["expires_in"] == 60
    assert answer.headers["Cache-Control"] == "no-store"
    return _at(syndic, answer.json()["request_uri"], browser)


def _at(syndic: TestSyndic, request_uri: str, browser: Browser | None = None) -> Page:
    return (browser or Browser()).get(f"{syndic.issuer}/associate", params={"request_uri": request_uri})


def test_the_page_names_the_account_and_asks_and_the_button_leads_to_the_address(world: World) -> None:
    syndic = world.syndic()
    email = f"annonce@{syndic.slug}.example"
    question = _opened(syndic)
    assert f"…{syndic.accounts[0].identifier[-4:]}" in question.text
    assert syndic.name in question.text
    page = question.submit("Associer ce compte")
    assert "Adresse e-mail" in page.text
    done = confirm_by_code(world, from_the_address(page, email), email)
    assert done.heading == "Ce compte est associé"
    world.work()
    assert email_sign_in(syndic, email).id_claims["acr"] == "password"
    with world.application.app_context(), transaction() as work:
        chain = syndics.get(syndic.slug).id
        entry = work.query(LedgerEntry).filter_by(chain=chain, kind="association.confirmed").one()
        assert entry.body["proofs"] == ["extranet", "mail-code"], "the evidence says on whose word it rests"


def test_opening_it_any_number_of_times_changes_nothing(world: World) -> None:
    syndic = world.syndic()
    uri = _announce(syndic).json()["request_uri"]
    for _ in range(10):
        scanner = Browser()
        assert _at(syndic, uri, scanner).has("button", "Associer ce compte")
        assert not any("legacy" in cookie.name for cookie in scanner.http.cookies.jar), "nobody is signed in by it"
    assert _at(syndic, uri).submit("Associer ce compte").status == 200


def test_it_works_once_even_in_two_tabs_at_the_same_time(world: World) -> None:
    syndic = world.syndic()
    uri = _announce(syndic).json()["request_uri"]
    tabs = [_at(syndic, uri) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda tab: tab.submit("Associer ce compte"), tabs))
    assert sorted(page.status for page in pages) == [200] + [410] * 5
    assert _at(syndic, uri).status == 410, "nor can it be opened again"


def test_it_opens_for_a_minute_and_an_open_page_lasts_a_few_more(world: World) -> None:
    syndic = world.syndic()
    uri, question = _announce(syndic).json()["request_uri"], _opened(syndic)
    world.later(seconds=61)
    late = _at(syndic, uri)
    assert late.status == 410
    assert "Repartez de votre espace client" in late.text
    world.later(minutes=5)
    assert question.submit("Associer ce compte").status == 200
    world.later()
    question = _opened(syndic)
    world.later(minutes=11)
    assert question.submit("Associer ce compte").status == 410


def test_an_old_authentication_asks_for_the_printed_code_again_under_the_same_counter(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    question = _opened(syndic, minutes_ago=6)
    assert question.has("button", "Associer ce compte")
    empty = question.submit("Associer ce compte", **{"Mot de passe": "wrong"})
    assert "Il vous reste 4 tentatives" in empty.alert
    for _ in range(4):
        question.submit("Associer ce compte", **{"Mot de passe": "wrong"})
    locked = question.submit("Associer ce compte", **{"Mot de passe": account.password})
    assert "Trop de tentatives." in locked.alert
    world.later(minutes=16)
    fresh = _opened(syndic, minutes_ago=60)
    page = fresh.submit("Associer ce compte", **{"Mot de passe": account.password})
    assert "Adresse e-mail" in page.text, page.text[:300]
    assert not page.alert


@pytest.mark.parametrize(
    "changes",
    [
        {"identifier": "99999999"},
        {"identifier": ""},
        {"auth_time": ""},
        {"auth_time": "yesterday"},
        {"auth_time": "-5"},
        {"auth_time": "9999999999"},
        {"auth_time": "9" * 40},
        {"auth_time": "１２"},
    ],
)
def test_what_cannot_be_announced_is_an_invalid_request(world: World, changes: dict[str, str]) -> None:
    answer = _announce(world.syndic(), changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_an_account_whose_codes_are_retired_cannot_be_announced(world: World) -> None:
    syndic = world.syndic()
    question = _opened(syndic)
    associate(world, syndic, syndic.accounts[0], f"retire@{syndic.slug}.example")
    assert _announce(syndic).json()["error"] == "invalid_request"
    assert question.submit("Associer ce compte").status == 410, "nor does a page that was open"


def test_another_client_another_syndic_and_nobody_announce_nothing(world: World) -> None:
    one, other = world.syndic(), world.syndic(accounts=0)
    address = RelyingParty(one).metadata["association_endpoint"]
    values = {"identifier": one.accounts[0].identifier, "auth_time": "1700000000"}
    for login in ((other.client_id, other.client_secret), (one.client_id, "wrong"), ("", "")):
        assert httpx2.post(address, data=values, auth=login).status_code == 401, login
    assert _announce(one, {"identifier": "X"}).status_code == 400
    uri = _announce(one).json()["request_uri"]
    assert _at(other, uri).status == 410, "nor is it opened at another syndic"


def test_a_client_announces_by_its_signed_assertion_too(world: World) -> None:
    syndic, key = world.syndic(), ClientKey()
    signing = world.client(syndic, token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    values = {"identifier": syndic.accounts[0].identifier, "auth_time": str(int(clock.now().timestamp()))}
    assert RelyingParty(signing, key).ask("association_endpoint", values).status_code == 201


def test_a_session_of_another_account_in_this_browser_is_replaced_only_by_the_button(world: World) -> None:
    syndic = world.syndic(accounts=2)
    browser = Browser()
    _opened(syndic, browser).submit("Associer ce compte")
    second = _announce(syndic, {"identifier": syndic.accounts[1].identifier}).json()["request_uri"]
    page = _at(syndic, second, browser)
    party = RelyingParty(syndic)
    held = party.complete(party.begin(browser)).userinfo["account"]["identifier"]
    assert held == syndic.accounts[0].identifier, "opening the page has changed nothing"
    page.submit("Associer ce compte")
    party = RelyingParty(syndic)
    held = party.complete(party.begin(browser)).userinfo["account"]["identifier"]
    assert held == syndic.accounts[1].identifier
