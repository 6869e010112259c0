"""« Mes comptes »: grouped, marked, found, and honest about agencies that are partners no more (JOURNEYS C3)."""

import pytest
from bs4 import Tag
from sqlalchemy import select

from broker.identities import service as identities
from broker.identities.models import Link
from config import clock, secrets
from config.database import session, transaction
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.account.counting import counted
from tests.broker.account.owners import Person, person
from tests.browser import Arrived, Browser, Page
from tests.journeys.grouping.attempts import end_trust
from tests.journeys.grouping.detaching import account
from tests.journeys.owner import signed_in
from tests.journeys.steps import associate
from tests.world import TestSyndic, World

MOST = 5
FIELD = "Rechercher un compte"


def _give(world: World, email: str, syndic: TestSyndic, *, labels: dict[int, str] | None = None) -> None:
    """Tie all accounts of a syndic to a person, behind the scenes."""
    with world.application.app_context(), transaction() as work:
        found = identities.by_email(email)
        assert found is not None
        model = work.scalars(select(Link).where(Link.identity_id == found.id)).first()
        assert model is not None
        mine = set(work.scalars(select(Link.account_id).where(Link.identity_id == found.id)))
        house = syndics.get(syndic.slug).id
        rows = work.scalars(
            select(LegacyAccount).where(LegacyAccount.syndic_id == house).order_by(LegacyAccount.identifier)
        )
        for number, row in enumerate(rows):
            row.label = (labels or {}).get(number, row.label)
            if row.id not in mine:
                identities.tie(
                    found, row, association_id=model.association_id, sub=secrets.token(), proofs=[], until=clock.now()
                )


def _many(world: World, labels: dict[int, str] | None = None, accounts: int = 9) -> Person:
    who = person(world, world.syndic(accounts=accounts))
    _give(world, who.email, who.owner.syndic, labels=labels)
    return who


def _names(page: Page) -> list[str]:
    return [str(tag.get_text(strip=True)) for tag in page.soup.select("#accounts .entry")]


def _section(page: Page, syndic: TestSyndic) -> str:
    found = [tag for tag in page.soup.select("#accounts section") if syndic.name in tag.get_text()]
    by_name = [tag for tag in found if isinstance(tag.h2, Tag) and tag.h2.get_text(strip=True) == syndic.name]
    assert len(by_name) == 1, page.text[:800]
    return " ".join(by_name[0].get_text(" ").split())


def test_each_syndic_has_its_group_and_the_open_account_is_marked(world: World) -> None:
    one, partner = world.syndic(), world.syndic()
    world.trust(one.slug, partner.slug)
    email = f"groupes@{one.slug}.example"
    for syndic, number in ((one, 0), (partner, 0), (one, 1)):
        associate(world, syndic, syndic.accounts[number], email)
    browser, page = signed_in(world, email)
    assert [tag.get_text(strip=True) for tag in page.soup.select("#accounts h2")] == [one.name, partner.name]
    assert _section(page, one).count("Appt 12") == 2
    assert "partenaire" not in page.text
    assert not page.soup.select("[aria-current=true]:not([hreflang])"), "no account is open yet"
    here = {"iss": partner.issuer, "account": account(world, partner).public_id}
    page = browser.get(f"{world.base}/account/accounts", params=here)
    current = page.soup.select("#accounts [aria-current=true]")
    assert len(current) == 1
    assert partner.name in current[0].find_parent("section").get_text()  # type: ignore[union-attr]  # it is in one
    opened = page.browser.get(world.base + str(current[0]["href"]))
    assert isinstance(opened, Arrived), "a click on an account's name opens it"
    assert opened.query["iss"] == partner.issuer


def test_below_nine_accounts_there_is_no_field_and_nothing_is_hidden(world: World) -> None:
    who = _many(world, accounts=8)
    page = who.browser.get(f"{world.base}/account/accounts?q=introuvable")
    assert FIELD not in page.text
    assert len(_names(page)) == 8


LABELS = {
    0: "Résidence Les Érables, bâtiment C",
    1: "Cœur de Ville – cave 7",
    2: "Garage ÉTOILE",
    3: "L'Orée du bois",
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("erables", 1),
        ("ÉRABLES C", 1),
        ("coeur", 1),
        ("CŒUR", 1),
        ("etoile", 1),
        ("l’oree", 1),
        ("…0003", 1),
        ("0004", 1),
        ("10000004", 1),
        ("erables etoile", 0),
        ("1000000", 0),
        ("rien de tel", 0),
        ("%", 0),
        ("   ", 9),
        ("", 9),
    ],
)
def test_an_account_is_found_by_name_last_digits_or_agency_whatever_case_and_accents(
    world: World, searched: list[Person], typed: str, found: int
) -> None:
    if not searched:
        searched.append(_many(world, LABELS))
    page = searched[0].page("accounts")
    assert page.field(FIELD)["type"] == "search"
    page = page.submit("Rechercher", **{FIELD: typed})
    assert len(_names(page)) == found, _names(page)
    if typed.strip():
        said = {0: "Aucun compte trouvé", 1: "1 compte trouvé"}[found]
        assert said in page.soup.select("[role=status]")[0].get_text()
        assert len(_names(page.follow("Voir tous mes comptes"))) == 9
        assert page.field(FIELD)["value"] == typed


@pytest.fixture(scope="module")
def searched() -> list[Person]:
    """Somebody with nine accounts, made once."""
    return []


def test_the_agencys_name_finds_all_of_its_accounts_and_what_is_open_stays_known(world: World) -> None:
    who = _many(world)
    other = world.syndic(accounts=2)
    _give(world, who.email, other)
    here = f"iss={who.owner.syndic.issuer}&account={account(world, who.owner.syndic).public_id}"
    page = who.page(f"accounts?{here}").submit("Rechercher", **{FIELD: other.slug.upper()})
    assert len(_names(page)) == 2
    assert "2 comptes trouvés" in page.text
    page = page.follow("Voir tous mes comptes")
    assert len(page.soup.select("#accounts [aria-current=true]")) == 1


def test_markup_that_is_searched_is_shown_as_it_is(world: World) -> None:
    page = _many(world).page("accounts?q=<b>x</b>")
    assert page.status == 200
    assert "<b>x</b>" not in page.response.text
    assert page.field(FIELD)["value"] == "<b>x</b>"


def test_agencies_that_are_partners_no_more_are_told_to_the_owner_and_the_accounts_stay(world: World) -> None:
    one, two, three = world.syndic(), world.syndic(), world.syndic()
    world.trust(one.slug, two.slug, three.slug)
    email = f"finie@{one.slug}.example"
    for syndic in (one, two, three):
        associate(world, syndic, syndic.accounts[0], email)
    browser, page = signed_in(world, email)
    assert "connecter à nouveau" not in page.text
    end_trust(world, two, one)
    page = browser.get(f"{world.base}/account/accounts")
    assert f"n'est plus partenaire de : {two.name}." in _section(page, one)
    assert f"n'est plus partenaire de : {one.name}." in _section(page, two)
    assert "vous devrez vous connecter à nouveau en passant de l'un à l'autre" in _section(page, one)
    assert "partenaire" not in _section(page, three), "its trust goes on"
    assert len(page.soup.select("#accounts a.entry")) == 3, "each account stays usable with the same address"


def test_partners_that_share_no_sign_in_are_said_to_ask_again(world: World) -> None:
    one, two = world.syndic(), world.syndic()
    world.trust(one.slug, two.slug, purposes=("link",))
    email = f"encore@{one.slug}.example"
    for syndic in (one, two):
        associate(world, syndic, syndic.accounts[0], email)
    _, page = signed_in(world, email)
    assert f"Entre cette agence et {two.name}, vous devrez vous connecter à nouveau" in _section(page, one)
    assert "n'est plus partenaire" not in page.text


def test_no_syndic_reads_of_it(world: World) -> None:
    one, two = world.syndic(), world.syndic()
    world.trust(one.slug, two.slug)
    email = f"tue@{one.slug}.example"
    for syndic in (one, two):
        associate(world, syndic, syndic.accounts[0], email)
    end_trust(world, two, one)
    world.work()
    for syndic in (one, two):
        told = [mail.subject for mail in world.mails_to(f"contact@{syndic.slug}.example")]
        assert told == [], "nobody is told that an owner has an account elsewhere"


@pytest.mark.parametrize("path", ["accounts", "accounts/manage", "accounts?q=appt"])
def test_two_hundred_accounts_at_twenty_syndics_cost_at_most_five_statements(
    world: World, rich: list[Person], path: str
) -> None:
    if not rich:
        rich.append(_rich(world))
    who = rich[0]
    who.page(path)
    with counted(world.application) as asked:
        page = who.page(path)
    assert len(_names(page)) == 200
    assert len(page.soup.select("#accounts section")) == 20
    assert len(asked) <= MOST, "\n".join(asked)


@pytest.fixture(scope="module")
def rich() -> list[Person]:
    """Somebody with two hundred accounts at twenty syndics, made once."""
    return []


def _rich(world: World) -> Person:
    houses = [world.syndic(accounts=10) for _ in range(20)]
    world.trust(*(house.slug for house in houses[:12]))
    who = person(world, houses[0])
    for house in houses:
        _give(world, who.email, house)
    return who


def test_what_is_between_them_is_what_decide_says_of_each_pair(world: World) -> None:
    houses = [world.syndic(accounts=0) for _ in range(4)]
    world.trust(houses[0].slug, houses[1].slug)
    world.trust(houses[1].slug, houses[2].slug, purposes=("link",))
    end_trust(world, houses[3], houses[0])
    with world.application.app_context():
        ids = [syndics.get(house.slug).id for house in houses]
        between = trust.apart(ids)
        for a in ids:
            for b in ids:
                for purpose, pairs in (("link", between.link), ("switch", between.switch)):
                    allowed = trust.decide(a, b, purpose).allowed  # type: ignore[arg-type]  # they are purposes
                    assert allowed is ((a, b) not in pairs)
        session().rollback()


def test_an_account_in_another_browser_is_the_same_account(world: World) -> None:
    who = person(world)
    first = [str(tag["href"]) for tag in who.page("accounts").soup.select("a.entry")]
    browser, page = signed_in(world, who.email, browser=Browser())
    second = [str(tag["href"]) for tag in page.soup.select("a.entry")]
    assert first != second, "its address is made for one session"
    assert browser.get(world.base + first[0]).status == 404
