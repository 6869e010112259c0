"""« Garder ma session active »: what survives a restart of the browser, and for how long (JOURNEYS A9)."""

import pytest

from tests.browser import Browser, Page
from tests.journeys.steps import NAME, PASSWORD, associate, legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

KEPT = {"Garder ma session active": "on"}
DAY = 24 * 3600


def _owner(world: World, syndic: TestSyndic) -> str:
    email = f"a9@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    return email


def _signed_in(syndic: TestSyndic, email: str, **more: str) -> Browser:
    browser, party = Browser(), RelyingParty(syndic)
    page = party.begin(browser).submit("Connexion", **{NAME: email, "Mot de passe": PASSWORD, **more})
    party.complete(page)
    return browser


def _visit(browser: Browser, syndic: TestSyndic) -> Page:
    return RelyingParty(syndic).begin(browser)


def _is_in(browser: Browser, syndic: TestSyndic) -> bool:
    return _visit(browser, syndic).heading != "Mon compte immobilier"


def test_a_kept_session_survives_the_browser_and_another_one_does_not(world: World) -> None:
    syndic = world.syndic()
    email = _owner(world, syndic)
    kept, plain = _signed_in(syndic, email, **KEPT), _signed_in(syndic, email)
    for browser in (kept, plain):
        browser.restart()
    assert _is_in(kept, syndic), "« Garder ma session active » was ticked"
    assert not _is_in(plain, syndic), "it was not"


def test_without_it_a_session_ends_after_twelve_idle_hours_and_slides_until_then(world: World) -> None:
    syndic = world.syndic()
    browser = _signed_in(syndic, _owner(world, syndic))
    for _ in range(3):
        world.later(hours=11)
        assert _is_in(browser, syndic), "each visit gives twelve hours more"
    world.later(hours=12, minutes=1)
    assert not _is_in(browser, syndic)


def test_a_kept_session_slides_by_thirty_days_and_ends_after_a_hundred_and_eighty(world: World) -> None:
    syndic = world.syndic()
    browser = _signed_in(syndic, _owner(world, syndic), **KEPT)
    for _ in range(6):
        world.later(days=29)
        assert _is_in(browser, syndic), "each visit gives thirty days more"
    world.later(days=7)
    assert not _is_in(browser, syndic), "after 181 days it is over"
    idle = _signed_in(syndic, f"a9@{syndic.slug}.example", **KEPT)
    world.later(days=30, minutes=1)
    assert not _is_in(idle, syndic), "after thirty idle days too"


@pytest.mark.parametrize(("policy", "days"), [({"session_idle_s": 2 * DAY}, 3), ({"session_longest_s": 2 * DAY}, 3)])
def test_a_syndic_may_shorten_it(world: World, policy: dict[str, int], days: int) -> None:
    syndic = world.syndic(**policy)
    browser = _signed_in(syndic, _owner(world, syndic), **KEPT)
    world.later(days=1)
    assert _is_in(browser, syndic)
    world.later(days=days - 1, minutes=1)
    assert not _is_in(browser, syndic), "this syndic allows two days"


def test_a_stricter_syndic_shortens_a_session_that_goes_on_at_it_and_a_laxer_one_never_lengthens(world: World) -> None:
    lax, strict = world.syndic(), world.syndic(session_longest_s=2 * DAY)
    world.trust(lax.slug, strict.slug)
    email = _owner(world, lax)
    browser = _signed_in(lax, email, **KEPT)
    for syndic in (strict, lax):
        page = RelyingParty(syndic).begin(browser, prompt="login")
        page.submit("Connexion", **{NAME: email, "Mot de passe": PASSWORD, **KEPT})
    world.later(days=3)
    assert not _is_in(browser, lax)


def test_a_printed_code_is_never_kept(world: World) -> None:
    syndic = world.syndic()
    account, browser = syndic.accounts[0], Browser()
    party = RelyingParty(syndic)
    page = party.begin(browser)
    values = {NAME: account.identifier, "Mot de passe": account.password, **KEPT}
    party.complete(page.submit("Connexion", **values))
    world.later(hours=11)
    assert _is_in(browser, syndic)
    world.later(hours=1, minutes=1)
    assert not _is_in(browser, syndic), "twelve hours in all, whatever was visited"
    _, page = legacy_sign_in(browser, syndic, account)
    browser.restart()
    assert not _is_in(browser, syndic), "it ends with the browser"
