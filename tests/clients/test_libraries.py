"""Certified and common client libraries, each with the settings of docs/integrate.md, from discovery to logout."""

import httpx2

from tests.browser import Browser, Page
from tests.clients.extranets import Extranet
from tests.journeys.steps import PASSWORD, associate, confirm_by_code, sign_in, until_waiting
from tests.world import World

LOGIN = "Mon compte immobilier"


def _owner(world: World, extranet: Extranet) -> str:
    """An owner with an e-mail address and the first account."""
    email = f"bibliotheque@{extranet.syndic.slug}.example"
    associate(world, extranet.syndic, extranet.syndic.accounts[0], email)
    return email


def _signed_in(extranet: Extranet, browser: Browser, email: str) -> Page:
    return sign_in(extranet.begin(browser), email, PASSWORD)


def test_a_library_finds_pushes_redeems_and_reads_with_nothing_special(world: World, extranet: Extranet) -> None:
    email, browser = _owner(world, extranet), Browser()
    sent = httpx2.URL(browser.http.get(f"{extranet.url}/login/pushed").headers["location"])
    assert set(sent.params) == {"client_id", "request_uri"}, "the request was pushed: the address only refers to it"
    page = browser.get(str(sent))
    assert page.heading == LOGIN
    told = extranet.shown(sign_in(page, email, PASSWORD))
    assert told["claims"]["iss"] == extranet.syndic.issuer
    assert told["claims"]["acr"] == "password"
    assert told["userinfo"]["sub"] == told["claims"]["sub"]
    assert told["userinfo"]["account"]["identifier"] == extranet.syndic.accounts[0].identifier
    assert told["token_type"].lower() == ("dpop" if extranet.bound else "bearer")
    assert set(told["scope"].split()) == {"openid", "profile", "email", "accounts", "offline_access"}


def test_a_library_refreshes_and_is_told_of_the_same_person(world: World, extranet: Extranet) -> None:
    browser = Browser()
    first = extranet.shown(_signed_in(extranet, browser, _owner(world, extranet)))
    for _ in range(2):  # the second time with the successor
        again = extranet.shown(browser.get(f"{extranet.url}/refresh"))
        assert again["access_token"] != first["access_token"]
        assert again["userinfo"] == first["userinfo"]
        for name in ("iss", "sub", "aud", "auth_time"):
            assert again["claims"][name] == first["claims"][name], f"a refreshed id_token keeps {name}"


def test_a_library_logs_out_here_and_there(world: World, extranet: Extranet) -> None:
    browser = Browser()
    extranet.shown(_signed_in(extranet, browser, _owner(world, extranet)))
    assert browser.get(f"{extranet.url}/profile").status == 200
    left = extranet.shown(browser.get(f"{extranet.url}/logout"))
    assert left == {"status": "logged out"}
    assert browser.get(f"{extranet.url}/profile").status == 400, "a logout ends what it had given"
    assert extranet.begin(browser).heading == LOGIN, "the login page comes again"
    refused = browser.get(f"{extranet.url}/refresh")
    assert (refused.status, refused.response.json()["error"]) == (400, "invalid_grant")


def test_a_second_sign_in_in_the_same_browser_asks_nothing(world: World, extranet: Extranet) -> None:
    browser = Browser()
    first = extranet.shown(_signed_in(extranet, browser, _owner(world, extranet)))
    second = extranet.shown(extranet.begin(browser, prompt="none"))
    assert second["claims"]["sub"] == first["claims"]["sub"]


def test_a_silent_request_without_a_session_tells_the_library_login_required(extranet: Extranet) -> None:
    page = extranet.begin(Browser(), prompt="none")
    assert (page.status, page.response.json()["error"]) == (400, "login_required")


def test_the_extranet_starts_an_association_and_nothing_changes_for_it(world: World, extranet: Extranet) -> None:
    account, browser = extranet.syndic.accounts[0], Browser()
    email = f"depuis-l-extranet@{extranet.syndic.slug}.example"
    before = extranet.shown(sign_in(extranet.begin(browser), account.identifier, account.password))
    assert before["claims"]["acr"] == "legacy"
    page = extranet.begin(browser, acr_values="password", prompt="login")
    page = until_waiting(sign_in(page, account.identifier, account.password), email)
    confirm_by_code(world, page, email)
    after = extranet.shown(_signed_in(extranet, Browser(), email))
    assert after["claims"]["acr"] == "password"
    assert after["claims"]["sub"] == before["claims"]["sub"], "`sub` stays when an owner migrates"
    assert after["userinfo"]["account"] == before["userinfo"]["account"], "`account.id` stays"
    assert "person" in after["userinfo"]


def test_the_accounts_of_one_owner_have_subjects_of_their_own_and_one_person(world: World, extranet: Extranet) -> None:
    browser, email = Browser(), _owner(world, extranet)
    associate(world, extranet.syndic, extranet.syndic.accounts[1], email)
    one = extranet.shown(_signed_in(extranet, browser, email))["userinfo"]
    other_id = next(each["id"] for each in one["accounts"] if each["id"] != one["account"]["id"])
    other = extranet.shown(extranet.begin(browser, login_hint=f"account:{other_id}"))["userinfo"]
    assert other["account"]["id"] == other_id, "`login_hint=account:<id>` opens that account"
    assert other["sub"] != one["sub"]
    assert other["person"] == one["person"]
