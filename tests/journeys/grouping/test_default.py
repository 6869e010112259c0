"""The default account opens at an interactive sign-in; a deep link to another one wins (JOURNEYS C6)."""

from dataclasses import dataclass

from tests.browser import Arrived, Browser
from tests.journeys.grouping.detaching import account, default_account, manage
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

CHOOSE = "Choisir par défaut"


@dataclass
class Two:
    """A person with two accounts at one syndic, of which the second is the chosen one."""

    world: World
    syndic: TestSyndic
    email: str
    portal: Browser

    def hint(self, number: int) -> str:
        """What a deep link names an account by."""
        return f"account:{account(self.world, self.syndic, number).public_id}"

    def opened(self, browser: Browser, *, silent: bool = False, **extra: str) -> int:
        """Which account opens at the extranet."""
        party = RelyingParty(self.syndic)
        page = party.begin(browser, **extra)
        tokens = party.complete(page if silent else sign_in(page, self.email, PASSWORD))
        found = tokens.userinfo["account"]["identifier"]
        return [each.identifier for each in self.syndic.accounts].index(found)


def _two(world: World, name: str) -> Two:
    syndic = world.syndic()
    email = f"{name}@{syndic.slug}.example"
    for each in syndic.accounts:
        associate(world, syndic, each, email)
    portal, _ = signed_in(world, email)
    page = manage(world, portal).submit(CHOOSE)
    assert "qui s'ouvrira quand vous vous connecterez" in page.text
    assert default_account(world, email) == syndic.accounts[1].identifier
    return Two(world, syndic, email, portal)


def test_it_opens_at_a_sign_in_and_a_deep_link_to_another_one_wins(world: World) -> None:
    two = _two(world, "defaut")
    assert two.opened(Browser()) == 1
    assert two.opened(Browser(), login_hint=two.hint(0)) == 0, "a deep link wins"
    assert two.opened(Browser(), login_hint="account:nobodys") == 1, "one that means nothing acts as absent"


def test_in_a_living_session_the_last_used_goes_on_and_a_new_sign_in_opens_the_default(world: World) -> None:
    two = _two(world, "dernier")
    browser = Browser()
    assert two.opened(browser, login_hint=two.hint(0)) == 0
    assert two.opened(browser, silent=True) == 0, "nobody is moved to another account in the middle of a session"
    assert two.opened(browser, prompt="login") == 1, "whoever has just typed the password gets the default"
    assert two.opened(browser, silent=True) == 1
    assert two.opened(browser, prompt="login", login_hint=two.hint(0)) == 0


def test_the_portal_opens_it(world: World) -> None:
    two = _two(world, "portail")
    page = sign_in(Browser().get(f"{world.base}/login"), two.email, PASSWORD)
    door = page.follow("Accéder à mon espace client")
    assert isinstance(door, Arrived)
    assert door.query["login_hint"] == two.hint(1)


def test_a_choice_twice_changes_nothing_and_one_at_another_syndic_is_no_ones_here(world: World) -> None:
    two = _two(world, "deux")
    assert not [tag for tag in manage(world, two.portal).soup.find_all("button") if tag.text == CHOOSE][1:]
    partner = world.syndic()
    world.trust(two.syndic.slug, partner.slug)
    associate(world, partner, partner.accounts[0], two.email)
    page = manage(world, two.portal)
    token, handles = (
        page.hidden("csrf_token"),
        [tag["value"] for tag in page.soup.find_all("input", {"name": "account"})],
    )
    for _ in range(2):
        two.portal.post(f"{world.base}/account/accounts/default", {"csrf_token": token, "account": str(handles[-1])})
    assert default_account(world, two.email) == partner.accounts[0].identifier
    assert two.opened(Browser()) == 0, "where the default is not, the first one opens"


def test_an_account_that_is_nobodys_here_cannot_be_chosen(world: World) -> None:
    two = _two(world, "autre")
    token = manage(world, two.portal).hidden("csrf_token")
    elsewhere, _ = signed_in(world, two.email)
    theirs = manage(world, elsewhere).hidden("account")
    for handle in ("", "0" * 32, theirs):
        answer = two.portal.post(f"{world.base}/account/accounts/default", {"csrf_token": token, "account": handle})
        assert answer.status == 404
    assert default_account(world, two.email) == two.syndic.accounts[1].identifier
