"""The broker's own portal: the same sign-in without an extranet, and the default account that opens (A12, C6)."""

from urllib.parse import parse_qs, urlsplit

from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World


def _at_the_portal(world: World, email: str) -> Page:
    page = Browser().get(f"{world.base}/")
    assert page.heading == "Mon compte immobilier"
    return sign_in(page, email, PASSWORD)


def _opened(page: Page) -> dict[str, str]:
    assert isinstance(page, Arrived), f"the extranet was to open; the browser is at {page.url}"
    return page.query


def _two_accounts(world: World) -> tuple[TestSyndic, str]:
    syndic = world.syndic()
    email = f"portail@{syndic.slug}.example"
    for account in syndic.accounts:
        associate(world, syndic, account, email)
    return syndic, email


def test_the_portal_opens_the_default_account_and_the_extranet_signs_in_without_a_page(world: World) -> None:
    syndic, email = _two_accounts(world)
    page = _at_the_portal(world, email)
    assert page.heading == "Vous êtes connecté"
    refresh = page.soup.find("meta", {"http-equiv": "refresh"})
    assert refresh, "the page goes on by itself, also without JavaScript"
    door = page.follow("Accéder à mon espace client")
    asked = _opened(door)
    assert asked["iss"] == syndic.issuer
    party = RelyingParty(syndic)
    tokens = party.complete(party.begin(page.browser, login_hint=asked["login_hint"]))
    assert tokens.userinfo["account"]["identifier"] == syndic.accounts[0].identifier, "the first account is the default"
    assert str(refresh["content"]).endswith(str(page.link("Accéder à mon espace client")["href"]))


def test_an_account_that_was_not_opened_there_asks_for_the_sign_in(world: World) -> None:
    syndic, email = _two_accounts(world)
    page = _at_the_portal(world, email)
    assert RelyingParty(syndic).begin(page.browser).heading == "Mon compte immobilier", "no syndic knows of a portal's"
    accounts = page.follow("Mes comptes")
    _opened(accounts.follow("Appt 12"))
    party = RelyingParty(syndic)
    assert party.complete(party.begin(page.browser)).id_claims["acr"] == "password", "opened by its owner, it does"


def test_looking_at_an_accounts_address_opens_nothing(world: World) -> None:
    syndic, email = _two_accounts(world)
    page = _at_the_portal(world, email)
    address = world.base + str(page.link("Accéder à mon espace client")["href"])
    assert page.browser.http.head(address).status_code == 303
    assert RelyingParty(syndic).begin(page.browser).heading == "Mon compte immobilier"


def test_an_accounts_address_means_nothing_in_another_session(world: World) -> None:
    _, email = _two_accounts(world)
    address = str(_at_the_portal(world, email).link("Accéder à mon espace client")["href"])
    assert _at_the_portal(world, email).browser.get(world.base + address).status == 404
    assert Browser().get(world.base + address).heading == "Mon compte immobilier"


def test_a_sign_in_at_one_syndic_opens_no_other_without_trust(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug, purposes=("link",))
    email = f"partout@{home.slug}.example"
    associate(world, home, home.accounts[0], email)
    browser = associate(world, partner, partner.accounts[0], email)
    party = RelyingParty(home)
    party.complete(sign_in(party.begin(browser, prompt="login"), email, PASSWORD))
    only_home = Browser()
    party = RelyingParty(home)
    party.complete(sign_in(party.begin(only_home), email, PASSWORD))
    accounts = only_home.get(f"{world.base}/account/accounts")
    hrefs = [str(tag["href"]) for tag in accounts.soup.select("a.entry")]
    for href in hrefs:
        arrived = only_home.get(world.base + href)
        if _opened(arrived)["iss"] == partner.issuer:
            page = RelyingParty(partner).begin(only_home)
            assert page.heading == "Mon compte immobilier", "the partner trusts no sign-in made elsewhere"
            return
    raise AssertionError("« Mes comptes » lists the partner's account")


def test_who_came_for_a_page_of_the_account_gets_it_and_who_has_no_account_is_told(world: World) -> None:
    _, email = _two_accounts(world)
    page = Browser().get(f"{world.base}/account/accounts")
    assert page.heading == "Mon compte immobilier"
    assert sign_in(page, email, PASSWORD).heading == "Mes comptes"
    target = parse_qs(urlsplit(page.url).query)["next"]
    assert target == ["/account/accounts"]
    hostile = Browser().get(f"{world.base}/login?next=https://evil.example/account/")
    assert sign_in(hostile, email, PASSWORD).heading == "Vous êtes connecté", "no other site is led to"


def test_an_identifier_is_a_wrong_pair_at_the_portal(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    page = sign_in(Browser().get(f"{world.base}/"), account.identifier, account.password)
    assert page.alert.startswith("Mot de passe invalide Il vous reste 4 tentatives")
