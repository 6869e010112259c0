"""« Menu de mes extranets »: whose accounts other menus show is the owner's choice, and nobody hears of it."""

from uuid import UUID

from sqlalchemy import select

from broker.identities import menus
from config.database import session, transaction
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tests.broker.oidc.menus import Holder, holder
from tests.broker.oidc.owners import owner
from tests.browser import Page
from tests.world import TestSyndic, World


def _page(person: Holder) -> Page:
    return person.browser.get(f"{person.world.base}/account/menu")


def _label(syndic: TestSyndic) -> str:
    return f"mes comptes chez {syndic.name}"


def _tick(person: Holder, *shown: TestSyndic, page: Page | None = None) -> Page:
    """Leave these ticked, and no others."""
    form = page or _page(person)
    sent = {"csrf_token": form.hidden("csrf_token"), "shown": [each.slug for each in shown]}
    sent["was_shown"] = [str(tag["value"]) for tag in form.soup.select("input[name=was_shown]")]
    answer = person.browser.http.post(form.url, data=sent)
    assert answer.status_code == 303, answer.text[:300]
    return person.browser.get(f"{person.world.base}{answer.headers['location']}")


def _ticked(page: Page) -> set[str]:
    return {str(tag["value"]) for tag in page.soup.select("input[name=shown][checked]")}


def test_nothing_is_shown_before_the_owner_says_so(world: World) -> None:
    person = holder(world, shown=False)
    page = person.browser.get(f"{world.base}/account/").follow("Menu de mes extranets")
    assert page.heading == "Menu de mes extranets"
    assert _ticked(page) == set()
    assert person.at(person.partner) == []
    done = page.submit("Enregistrer", **{_label(person.partner): person.partner.slug})
    assert "Vos choix sont enregistrés." in done.text
    assert _ticked(done) == {person.partner.slug}
    assert len(person.at(person.partner)) == 1, "and from then on it is"
    done = _tick(person)
    assert _ticked(done) == set()
    assert person.at(person.partner) == [], "and as soon as she takes it back it is not"


def test_the_page_says_whose_menus_could_show_them(world: World) -> None:
    person = holder(world, shown=False)
    label = _page(person).field(_label(person.partner)).find_parent("label")
    assert label is not None
    assert f"Menus qui peuvent les montrer : {person.home.name}." in " ".join(label.get_text(" ").split())
    lonely = holder(world, shown=False, purposes=("link",))
    assert "Aucune autre de vos agences n'est partenaire pour le moment." in _page(lonely).text


def test_with_one_agency_there_is_nothing_to_choose(world: World) -> None:
    person = owner(world)
    page = person.browser.get(f"{world.base}/account/menu")
    assert not page.has("button", "Enregistrer")
    assert "il n'y a rien à choisir" in page.text


def test_the_choice_stands_in_the_owners_history_and_in_no_syndics_book(world: World) -> None:
    person = holder(world, shown=False)
    with world.application.app_context():
        chains = [syndics.get(each.slug).id for each in (person.home, person.partner)]
    before = _entries(world, chains)
    _tick(person, person.partner)
    _tick(person, person.partner)
    _tick(person)
    lines = person.browser.get(f"{world.base}/account/history").text
    assert lines.count(f"Vous montrez vos comptes de {person.partner.name} dans le menu") == 1, "once, not twice"
    assert lines.count(f"Vous ne montrez plus vos comptes de {person.partner.name}") == 1
    assert _entries(world, chains) == before


def _entries(world: World, chains: list[UUID]) -> int:
    with world.application.app_context():
        return len(session().scalars(select(LedgerEntry.id).where(LedgerEntry.chain.in_(chains))).all())


def test_of_two_tabs_each_changes_only_what_was_changed_there(world: World) -> None:
    person = holder(world, shown=False)
    old = _page(person)
    _tick(person, person.partner)
    assert _ticked(_tick(person, person.home, page=old)) == {person.home.slug, person.partner.slug}


def test_another_syndics_name_in_the_form_changes_nothing(world: World) -> None:
    person, stranger = holder(world, shown=False), world.syndic()
    done = _tick(person, stranger)
    assert done.status == 200
    with world.application.app_context():
        assert menus.shown(person.person().id) == set()
        assert menus.show(person.person(), syndics.get(stranger.slug).id) is False, "whoever asks"
        session().rollback()


def test_with_the_last_account_there_ends_the_choice(world: World) -> None:
    person = holder(world)
    with world.application.app_context(), transaction():
        person.link(person.partner).state = "ended"
    with world.application.app_context():
        assert menus.shown(person.person().id) == set(), "a later account there begins unseen"


def test_the_owners_file_says_what_is_shown(world: World) -> None:
    person = holder(world)
    told = person.browser.get(f"{world.base}/account/data/file").response.json()
    assert [each["syndic"] for each in told["shown_in_other_menus"]] == [person.partner.name]


def test_whoever_is_not_signed_in_chooses_nothing(world: World) -> None:
    person = holder(world, shown=False)
    page = _page(person)
    person.browser.get(f"{person.home.issuer}/end_session").submit("Se déconnecter")
    answer = person.browser.post(page.url, {"csrf_token": page.hidden("csrf_token"), "shown": person.partner.slug})
    assert answer.heading == "Mon compte immobilier"
    with world.application.app_context():
        assert menus.shown(person.person().id) == set()
