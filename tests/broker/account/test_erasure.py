"""« Supprimer mon compte »: thirty days to change one's mind, and then nothing that leads to the person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from broker.identities import attempts
from broker.identities.emails import parsed
from broker.identities.models import Identity
from config import clock
from config.database import session, transaction
from config.outbox import Promise
from tenants.audit.entries import salted_hash
from tenants.audit.models import LedgerEntry, LedgerSalt
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.broker.account.rooms import holding
from tests.browser import Browser, Page
from tests.journeys.owner import ask_change, change, confirmed, owner, signed_in
from tests.journeys.steps import NAME, PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World
from workers import alone
from workers.erasure import turn

COMING = "Votre compte va être supprimé"


def _ask(world: World, browser: Browser) -> Page:
    return confirmed(browser, f"{world.base}/account/erasure").submit("Supprimer mon compte")


def _turn(world: World, **later: float) -> None:
    world.later(**later)
    with world.application.app_context():
        turn.turn()


def _erase(world: World, browser: Browser) -> None:
    """Ask, and let the time pass: thirty days, and the day in which extranets are told."""
    assert _ask(world, browser).heading == COMING
    world.work()
    _turn(world, days=31)
    world.work()
    _turn(world, days=2)


def _id_of(world: World, email: str) -> UUID:
    with world.application.app_context():
        return session().scalars(select(Identity.id).where(Identity.email == email)).one()


def _account(world: World, syndic: TestSyndic, number: int = 0) -> LegacyAccount:
    with world.application.app_context():
        wanted = select(LegacyAccount).where(
            LegacyAccount.syndic_id == syndics.get(syndic.slug).id,
            LegacyAccount.identifier == syndic.accounts[number].identifier,
        )
        return session().scalars(wanted).one()


def test_nothing_leads_to_an_erased_person_in_any_table(world: World) -> None:
    syndic = world.syndic()
    first, email = f"zoe.ancienne@{syndic.slug}.example", f"zoe.xylander@{syndic.slug}.example"
    browser = Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0], acr_values="password", prompt="login")
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": first})
    named = {"Prénom": "Zoé-Quetzal", "Nom": "Xylanderovna", "Téléphone": "+33 6 99 88 77 66", "Mot de passe": PASSWORD}
    page = page.submit("Continuer", **named)
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(first)}).submit("Confirmer")
    world.work()
    browser, _ = signed_in(world, first)
    change(world, browser, email)
    sign_in(Browser().get(f"{world.base}/login"), email, "a-wrong-password-to-be-counted")
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    email_sign_in(syndic, email)
    abandoned = Browser()
    _, page = legacy_sign_in(abandoned, syndic, syndic.accounts[1], acr_values="password", prompt="login")
    page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": email})
    world.work()
    person = _id_of(world, email)
    wanted = _traces(world, [first, email], person)
    seen = {found.value for found in holding(world.application, wanted)}
    assert seen >= {"identity", "given name", "phone", email, f"name of {email}"}, "the search finds what is there"
    values = [first, email, "Zoé-Quetzal", "Xylanderovna"]
    assert _tied(world, values) >= {"association.confirmed", "address.changed"}
    _erase(world, browser)
    left = holding(world.application, wanted)
    assert not left, f"erased means erased: {left}"
    assert not _tied(world, values), "what the ledger says of the person has lost its salts"
    world.ledger_is_whole()


def _traces(world: World, addresses: list[str], person: UUID) -> dict[str, str]:
    """Everything that could lead back, each in the form in which a column would show it."""
    found = {"identity": str(person), "given name": "Zoé-Quetzal", "family name": "Xylanderovna", "phone": "99 88 77"}
    for address in addresses:
        parsed_address = parsed(address)
        assert parsed_address
        with world.application.app_context():
            name = attempts.of_email(parsed_address.canonical)
        found |= {address: address, f"name of {address}": name.key.hex(), f"owner of {address}": name.owner.hex()}
    return found


def _tied(world: World, values: list[str]) -> set[str]:
    """The kinds of ledger entries that whoever knows these values could still tie to the person."""
    with world.application.app_context():
        entries = {(each.chain, each.sequence): each for each in session().scalars(select(LedgerEntry))}
        return {
            entry.kind
            for salt in session().scalars(select(LedgerSalt))
            for entry in [entries[salt.chain, salt.sequence]]
            if entry.body["personal"][salt.field]["sha256"] in {salted_hash(bytes(salt.salt), each) for each in values}
        }


def test_until_then_each_sign_in_shows_the_page_that_calls_it_off(world: World) -> None:
    email, syndic, browser = owner(world, "avis")
    assert _ask(world, browser).heading == COMING
    world.work()
    assert "suppression de votre compte a été demandée" in world.mails_to(email)[0].text
    world.later(days=29)
    _, page = signed_in(world, email)
    assert page.heading == COMING, "the sign-in leads to the page"
    assert page.follow("Continuer sans annuler").heading == "Mes comptes"
    party = RelyingParty(syndic)
    page = sign_in(party.begin(Browser()), email, PASSWORD)
    assert page.heading == COMING, "so does one at a syndic"
    onwards = page.link("Continuer sans annuler")["href"]
    assert party.complete(page.browser.get(f"{world.base}{onwards}")).userinfo["accounts"], "and it leads on"
    page = page.submit("Annuler la suppression")
    assert page.heading == "La suppression est annulée"
    _turn(world, days=11)
    assert signed_in(world, email)[1].heading == "Mes comptes", "nothing is deleted"


def test_at_the_time_every_access_ends_and_the_extranets_syndics_are_told(world: World) -> None:
    email, syndic, browser = owner(world, "fin")
    assert _account(world, syndic).state == "disabled"
    before = _account(world, syndic)
    party = RelyingParty(syndic)
    tokens = party.complete(sign_in(party.begin(Browser()), email, PASSWORD))
    _ask(world, browser)
    _turn(world, days=31)
    assert browser.get(f"{world.base}/account/").heading == "Mon compte immobilier"
    assert party.userinfo(tokens.access_token).status_code == 401
    _, page = signed_in(world, email)
    assert page.status == 410
    assert "a été supprimé à votre demande" in page.alert
    with world.application.app_context():
        key = f"legacy.reissue:{before.public_id}:{before.epoch + 1}"
        promised = session().scalars(select(Promise).where(Promise.key == key)).all()
        told = (
            session()
            .scalars(
                select(Promise).where(
                    Promise.topic == "identity.erased", Promise.payload["syndic_id"].astext == str(before.syndic_id)
                )
            )
            .all()
        )
    assert len(promised) == 1, "the syndic hands out new codes: the old ones are gone"
    assert [promise.payload["subjects"] for promise in told] == [[tokens.id_claims["sub"]]], "it hears what it knew"


def test_two_turns_at_once_and_twice_do_it_once(world: World) -> None:
    email, _, browser = owner(world, "tours")
    person = _id_of(world, email)
    _ask(world, browser)

    def once(_: int) -> None:
        with world.application.app_context():
            turn.turn()

    for days in (31, 2):
        world.later(days=days)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(once, range(4)))
        once(0)
    with world.application.app_context():
        assert session().get(Identity, person) is None
        kinds = session().scalars(select(Promise.topic).where(Promise.payload.has_key("subjects"))).all()
    assert "identity.erased" in kinds
    world.ledger_is_whole()


def test_a_turn_beside_another_does_nothing(world: World) -> None:
    with world.application.app_context(), transaction() as first:
        assert alone.is_alone(first, alone.ERASURE)
        with world.application.app_context():
            assert turn.turn() == 0


def test_co_holders_keep_their_access_and_nothing_is_reissued_for_them(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    one, two = f"elle@{syndic.slug}.example", f"lui@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], one)
    associate(world, syndic, syndic.accounts[0], two)
    kept = email_sign_in(syndic, two).id_claims["sub"]
    browser, _ = signed_in(world, one)
    gone = email_sign_in(syndic, one).id_claims["sub"]
    _erase(world, browser)
    assert email_sign_in(syndic, two).id_claims["sub"] == kept, "the other holder notices nothing"
    assert "Mot de passe invalide" in signed_in(world, one)[1].alert, "the address is nobody's"
    account = _account(world, syndic)
    with world.application.app_context():
        keys = session().scalars(select(Promise.key).where(Promise.topic == "legacy.reissue")).all()
    assert not [key for key in keys if account.public_id in key]
    associate(world, syndic, syndic.accounts[0], one)
    assert email_sign_in(syndic, one).id_claims["sub"] not in {gone, kept}, "no subject ever comes back"


def test_the_erasure_asks_for_the_password_again_and_says_what_becomes_of_what(world: World) -> None:
    _, _, browser = owner(world, "question")
    assert browser.get(f"{world.base}/account/erasure").heading == "Saisissez votre mot de passe"
    page = confirmed(browser, f"{world.base}/account/erasure")
    for promise in ("30 jours", "ils restent chez vos syndics", "nouveaux codes", "autres titulaires"):
        assert promise in page.text, f"the page says nothing of {promise}"


def test_asked_twice_the_first_date_stands(world: World) -> None:
    email, _, browser = owner(world, "datefixe")
    _ask(world, browser)
    world.later(days=3)
    page = signed_in(world, email)[0].get(f"{world.base}/account/erasure")
    assert page.heading in {COMING, "Saisissez votre mot de passe"}
    with world.application.app_context():
        due = session().scalars(select(Identity.erase_at).where(Identity.email == email)).one()
    assert due is not None
    assert due - clock.now() < timedelta(days=28)


def test_an_intruders_erasure_ends_with_the_former_addresss_revert(world: World) -> None:
    old, _, browser = owner(world, "voleur")
    change(world, browser, old.replace("voleur", "voleur-nouveau"))
    _ask(world, browser)
    link, code = world.mailed_link(old), world.mailed_code(old)
    Browser().get(link).submit("Annuler le changement", **{"Code reçu par e-mail": code})
    with world.application.app_context():
        assert session().scalars(select(Identity.erase_at).where(Identity.email == old)).one() is None


def test_nothing_is_erased_while_a_former_address_may_still_take_a_change_back(world: World) -> None:
    old, _, browser = owner(world, "patience")
    person = _id_of(world, old)
    _ask(world, browser)
    world.later(days=28)
    new = old.replace("patience", "patience-nouveau")
    browser, page = signed_in(world, old)
    assert page.heading == COMING
    change(world, browser, new)
    _turn(world, days=3)
    _turn(world, days=3)
    with world.application.app_context():
        kept = session().get(Identity, person)
        assert kept is not None
        assert kept.closed_at is None, "an intruder may have asked for both"
    _turn(world, days=2)
    _turn(world, days=2)
    with world.application.app_context():
        assert session().get(Identity, person) is None


def test_who_has_a_former_address_by_now_loses_nothing(world: World) -> None:
    old, syndic, browser = owner(world, "cede")
    change(world, browser, old.replace("cede", "cede-nouveau"))
    associate(world, syndic, syndic.accounts[1], old, "plume-balcon-orage-tomate")
    _erase(world, browser)
    heir, _ = signed_in(world, old, "plume-balcon-orage-tomate")
    told = heir.get(f"{world.base}/account/data/file").response.json()
    assert told["associations"][0]["email"] == old, "what is kept of an address is its present owner's"
    assert {each["to"] for each in told["mails"]} == {old}
    assert len(email_sign_in(syndic, old, "plume-balcon-orage-tomate").userinfo["accounts"]) == 1


def test_the_pages_of_the_last_day_say_so(world: World) -> None:
    email, _, browser = owner(world, "dernier")
    ask_change(world, browser, email.replace("dernier", "dernier-nouveau"))
    _ask(world, browser)
    _turn(world, days=31)
    page = Browser().get(f"{world.base}/login").submit("Connexion", **{NAME: email, "Mot de passe": PASSWORD})
    assert page.status == 410
