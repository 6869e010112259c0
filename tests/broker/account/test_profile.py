"""« Informations personnelles »: what the person says of themselves, and which syndic may see which of it."""

from typing import Any

import pytest
from sqlalchemy import select

from broker.identities import releases
from broker.identities import service as identities
from broker.identities.models import ClaimRelease, Link
from config.database import session, transaction
from tenants.syndics import service as syndics
from tests.broker.account.owners import Person, person
from tests.broker.oidc.receiver import BACK, client_of, receiving
from tests.browser import Browser, Page
from tests.journeys.steps import associate
from tests.world import TestSyndic, World

FORM = {"Prénom": "Jeanne", "Nom": "Dupont-Léveillé", "Téléphone": "04 74 00 00 01"}
SAVED = "Vos informations sont enregistrées."


def _values(page: Page, **changes: str | None) -> dict[str, str]:
    """The page's form as it would be sent, with changes by field; None: not sent (a box that is not ticked)."""
    values: dict[str, str] = {}
    form = page.button("Enregistrer").find_parent("form")
    assert form is not None
    for tag in form.find_all(["input", "select"]):
        if tag.get("type") == "checkbox" and not tag.has_attr("checked"):
            continue
        chosen = tag.find("option", selected=True) if tag.name == "select" else tag
        values[str(tag["name"])] = str(chosen.get("value", "on")) if chosen else ""
    values.update({name: value for name, value in changes.items() if value is not None})
    return {name: value for name, value in values.items() if changes.get(name, "") is not None}


def _save(who: Person, page: Page, **changes: str | None) -> Page:
    return who.browser.post(page.url.partition("?")[0], _values(page, **changes))


def _told(who: Person, syndic: TestSyndic | None = None) -> dict[str, Any]:
    """What userinfo tells the syndic after a silent sign-in."""
    party = who.owner.party(syndic)
    body = party.redeem(party.code(party.begin(who.browser, scope="openid profile email phone"))).json()
    told: dict[str, Any] = party.userinfo(body["access_token"]).json()
    return told


def test_what_was_typed_is_there_again(world: World) -> None:
    who = person(world)
    page = who.page("profile").submit("Enregistrer", Civilité="Mme", **FORM)
    assert SAVED in page.text
    again = who.page("profile")
    shown = {label: str(again.field(label).get("value")) for label in FORM}
    assert shown == FORM
    assert again.soup.select_one("#civility option[selected]")["value"] == "Mme"  # type: ignore[index]  # the page has that choice


def test_the_language_is_that_of_pages_and_mails_from_then_on(world: World) -> None:
    who = person(world)
    page = who.page("profile").submit("Enregistrer", Langue="en")
    assert page.heading == "Personal information", "the page that follows speaks it already"
    with world.application.app_context():
        found = identities.by_email(who.email)
        assert found is not None
        assert found.locale == "en"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("Prénom", "J" * 81, "Ce prénom est trop long : 80 caractères au plus."),
        ("Nom", "Du<pont>", "Le nom contient un signe qui ne peut pas être enregistré : <"),
        ("Nom", "Du\u202epont", "Le nom contient un signe qui ne peut pas être enregistré : U+202E"),
        ("Nom", "12", "Le nom ne contient aucune lettre. Laissez-le vide si vous préférez."),
        ("Téléphone", "12", "Ce numéro de téléphone n'est pas complet. Laissez-le vide si vous préférez."),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(
    world: World, field: str, typed: str, said: str
) -> None:
    who = _shared(world)
    slug = who.owner.syndic.slug
    page = _save(who, who.page("profile"), **{"given_name": "Odette", f"sees.{slug}.name": "on"})
    page = who.page("profile").submit("Enregistrer", **{"Prénom": "Odette", field: typed})
    assert page.alert == said
    assert page.field(field)["value"] == typed, "what was typed stands there to be corrected"
    assert page.field(field)["aria-invalid"] == "true"
    assert page.field("Votre nom").has_attr("checked"), "and so do the boxes"
    assert who.page("profile").field(field).get("value") != typed, "nothing was saved"


def test_names_of_every_country_are_taken(world: World) -> None:
    who = _shared(world)
    for name in ("O'Brien-Müller", "Nguyễn Thị", "d’Ornano", "Γεωργίου", "M. (dit Loulou)"):
        assert SAVED in who.page("profile").submit("Enregistrer", Nom=name).text, name


def test_by_default_a_syndic_sees_its_own_record_only(world: World) -> None:
    who = person(world)
    page = who.page("profile").submit("Enregistrer", **FORM)
    assert f"{who.owner.syndic.name} voit : rien de cette page." in page.text
    told = _told(who)
    assert told["name"] == "Mme Jeanne Dupont", "the syndic's own record"
    assert told["email"] != who.email
    assert "phone_number" not in told


def test_what_is_shown_to_a_syndic_is_told_to_it_at_once_and_taken_back_at_once(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    who = person(world, home)
    associate(world, partner, partner.accounts[0], who.email)
    party = who.owner.party()
    body = party.redeem(party.code(party.begin(who.browser, scope="openid profile email phone"))).json()

    def told() -> dict[str, Any]:
        answer: dict[str, Any] = party.userinfo(body["access_token"]).json()
        return answer

    ticks = {f"sees.{home.slug}.{group}": "on" for group in ("name", "email", "phone")}
    page = _save(who, who.page("profile"), given_name="Jeanne", family_name="Centrale", phone="04 74 00 00 01", **ticks)
    assert f"{home.name} voit : votre nom, votre adresse e-mail, votre téléphone." in page.text
    assert f"{partner.name} voit : rien de cette page." in page.text
    seen = told()
    assert (seen["name"], seen["family_name"]) == ("Jeanne Centrale", "Centrale")
    assert (seen["email"], seen["email_verified"]) == (who.email, True)
    assert seen["phone_number"] == "04 74 00 00 01"
    assert _told(who, partner)["name"] == "Mme Jeanne Dupont", "the other syndic sees none of it"
    page = _save(who, page, **{f"sees.{home.slug}.{group}": None for group in ("email", "phone")})
    assert f"{home.name} voit : votre nom." in page.text
    seen = told()
    assert seen["name"] == "Jeanne Centrale", "what was not taken back stays"
    assert seen["email"] != who.email, "with the very same access token the address is not told any more"
    assert "phone_number" not in seen
    world.ledger_is_whole()


def test_releases_stand_in_the_ledger_and_in_the_history(world: World) -> None:
    who = person(world)
    slug = who.owner.syndic.slug
    page = _save(who, who.page("profile"), **{f"sees.{slug}.phone": "on"})
    page = _save(who, page)
    _save(who, page, **{f"sees.{slug}.phone": None})
    with world.application.app_context():
        kinds = _ledger(syndics.get(slug).id)
    assert kinds.count("claims.released") == 1, "saving the same again releases nothing anew"
    assert kinds.count("claims.withdrawn") == 1
    history = who.page("history").text
    assert f"Vous avez montré à {who.owner.syndic.name} : votre téléphone." in history
    assert f"Vous ne montrez plus à {who.owner.syndic.name} : votre téléphone." in history


def test_of_two_tabs_each_changes_only_what_was_changed_there(world: World) -> None:
    who = person(world)
    slug = who.owner.syndic.slug
    _save(who, who.page("profile"), given_name="Odette", **{f"sees.{slug}.email": "on"})
    one, other = who.page("profile"), who.page("profile")
    _save(who, one, family_name="Brûlé", **{f"sees.{slug}.email": None})
    page = _save(who, other, given_name="Colette")
    assert page.field("Prénom")["value"] == "Colette"
    assert page.field("Nom")["value"] == "Brûlé", "the older tab did not bring the older name back"
    assert f"{who.owner.syndic.name} voit : rien de cette page." in page.text, "nor what was taken back"


def test_nobody_lets_a_syndic_see_anything_where_they_have_no_account(world: World) -> None:
    who, stranger = person(world), world.syndic()
    page = _save(who, who.page("profile"), given_name="Odette", **{f"sees.{stranger.slug}.name": "on"})
    assert "Vous n'avez plus de compte chez ce syndic" in page.alert
    assert page.field("Prénom")["value"] == "Odette"
    assert who.page("profile").field("Prénom").get("value") != "Odette", "all of it or nothing"
    with world.application.app_context():
        assert _released(who.email, stranger.slug) == set()


def test_with_the_last_account_at_a_syndic_ends_what_it_was_let_see(world: World) -> None:
    who = person(world)
    slug = who.owner.syndic.slug
    page = _save(who, who.page("profile"), **{f"sees.{slug}.name": "on"})
    with world.application.app_context(), transaction():
        _end_links(who.email, slug)
    with world.application.app_context():
        assert _released(who.email, slug) == set()
    page = who.page("profile")
    assert "aucun syndic ne voit ces informations" in page.text
    associate(world, who.owner.syndic, who.owner.syndic.accounts[1], who.email)
    assert f"{who.owner.syndic.name} voit : rien de cette page." in who.page("profile").text, "a later link begins anew"


def test_a_savepoint_that_is_given_up_forgets_neither_an_ended_link_nor_a_risen_epoch(world: World) -> None:
    with receiving() as told:
        who = person(world, client_of(world, world.syndic(), told, back=BACK))
        slug = who.owner.syndic.slug
        _save(who, who.page("profile"), **{f"sees.{slug}.name": "on"})
        with world.application.app_context(), transaction() as work:
            _end_links(who.email, slug)
            found = identities.by_email(who.email)
            assert found is not None
            found.epoch += 1
            work.flush()
            work.begin_nested().rollback()
        with world.application.app_context():
            assert _released(who.email, slug) == set()
        world.work()
        assert len(told.posts) == 1, "the extranet is told of the session that the epoch ended"


def test_a_second_account_keeps_what_the_syndic_was_let_see(world: World) -> None:
    who = person(world)
    slug = who.owner.syndic.slug
    associate(world, who.owner.syndic, who.owner.syndic.accounts[1], who.email)
    _save(who, who.page("profile"), **{f"sees.{slug}.name": "on"})
    with world.application.app_context(), transaction():
        _end_links(who.email, slug, how_many=1)
    with world.application.app_context():
        assert "name" in _released(who.email, slug)


def test_whoever_is_not_signed_in_changes_nothing(world: World) -> None:
    who = _shared(world)
    page = who.page("profile")
    stranger = Browser()
    token = stranger.get(f"{world.base}/login").hidden("csrf_token")
    answer = stranger.post(page.url, {**_values(page, given_name="Intruse"), "csrf_token": token})
    assert answer.heading == "Mon compte immobilier"
    assert who.page("profile").field("Prénom").get("value") != "Intruse"


_persons: list[Person] = []


def _shared(world: World) -> Person:
    """One person for tests that leave nothing behind that matters to another."""
    if not _persons:
        _persons.append(person(world))
    _persons[0].owner.world = world
    return _persons[0]


def _ledger(chain: Any) -> list[str]:
    from tenants.audit.models import LedgerEntry

    return list(session().scalars(select(LedgerEntry.kind).where(LedgerEntry.chain == chain)))


def _released(email: str, slug: str) -> set[str]:
    found = identities.by_email(email)
    assert found is not None
    mine = select(ClaimRelease.claim).where(ClaimRelease.identity_id == found.id)
    return set(session().scalars(mine.where(ClaimRelease.syndic_id == syndics.get(slug).id)))


def _end_links(email: str, slug: str, how_many: int = 100) -> None:
    found = identities.by_email(email)
    assert found is not None
    mine = select(Link).where(Link.identity_id == found.id, Link.syndic_id == syndics.get(slug).id)
    for link in session().scalars(mine.limit(how_many)):
        link.state = "ended"


def test_releasing_where_no_link_is_raises_whoever_asks(world: World) -> None:
    who, stranger = _shared(world), world.syndic()
    with world.application.app_context(), transaction():
        found = identities.by_email(who.email)
        assert found is not None
        with pytest.raises(releases.NotLinked):
            releases.release(found, syndics.get(stranger.slug).id, {"name"})
