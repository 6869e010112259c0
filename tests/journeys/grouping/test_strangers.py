"""An account of a syndic that is no partner of the owner's others: refused to the owner alone (JOURNEYS C2)."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from config.database import session
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.journeys.association.beginnings import PAST
from tests.journeys.factors import enrol_app, show_app
from tests.journeys.grouping.attempts import (
    ANOTHER,
    DONE,
    REFUSED,
    Adding,
    adding,
    begin,
    by_code,
    by_link,
    end_trust,
    strangers,
)
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, email_sign_in, legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

OTHER_PASSWORD = "girafe-plafond-carafe-dimanche"


def _refused(page: Page) -> Page:
    page = page.submit("Confirmer")
    assert page.alert == REFUSED, page.text[:500]
    assert page.status == 409
    return page


def _with_another(page: Page, email: str) -> Page:
    """From the field for another address to B6."""
    page = page.submit("Continuer", **{"Adresse e-mail": email})
    assert "Première association ?" in page.text, "another address has a password of its own"
    page = page.submit("Continuer", **{"Mot de passe": OTHER_PASSWORD})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    assert page.heading == "Vous êtes maintenant connecté", page.text[:500]
    return page


def _state(world: World, syndic: TestSyndic, number: int = 0) -> str:
    with world.application.app_context():
        chain = syndics.get(syndic.slug).id
        wanted = LegacyAccount.identifier == syndic.accounts[number].identifier
        return session().scalars(select(LegacyAccount.state).where(LegacyAccount.syndic_id == chain, wanted)).one()


def test_nobody_reads_of_it_before_the_password_has_been_shown(world: World) -> None:
    added = strangers(world, "avant")
    for page in (
        added.page,
        Browser().get(world.mailed_link(added.email)),
        added.page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(added.email)}),
    ):
        assert "partenaires" not in page.text, "who holds the mail, or its code, learns nothing yet"
        assert added.home.name not in page.response.text
    wrong = Browser().get(world.mailed_link(added.email))
    wrong = wrong.submit("Connexion", **{"Adresse e-mail": added.email, "Mot de passe": "pas-le-bon-du-tout"})
    assert "partenaires" not in wrong.text
    refused = _refused(by_link(world, added.email))
    assert added.home.name not in refused.response.text, "the refusal names none of the owner's other syndics"


def test_nobody_reads_of_it_before_the_second_factor_has_been_shown(world: World) -> None:
    added = strangers(world, "facteur")
    browser, _ = signed_in(world, added.email)
    app, _ = enrol_app(world, browser)
    page = by_link(world, added.email)
    assert page.heading == "Confirmez que c'est vous"
    assert page.browser.get(f"{world.base}/confirm/review").heading == "Confirmez que c'est vous", "no way around it"
    _refused(show_app(page, app.code))


def test_another_address_goes_on_with_the_attempt_in_its_own_browser(world: World) -> None:
    added = strangers(world, "ici")
    former = world.mailed_link(added.email)
    page = _refused(by_code(world, added.page, added.email)).follow(ANOTHER)
    assert "n'a pas pu être utilisée" in page.submit("Continuer", **{"Adresse e-mail": added.email}).alert
    other = f"autre-{added.email}"
    page = _with_another(page, other)
    assert "Ce lien n'est plus valable." in Browser().get(former).text, "the refused address proves nothing any more"
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(other)}).submit("Confirmer")
    assert page.heading == DONE, "an address that nobody has is proved by its code, and its password by B4"
    world.work()
    assert len(email_sign_in(added.syndic, other, OTHER_PASSWORD).userinfo["accounts"]) == 1
    assert len(email_sign_in(added.home, added.email).userinfo["accounts"]) == 1, "the other account is untouched"
    world.ledger_is_whole()


def test_a_password_typed_wrong_for_the_refused_address_locks_nobody_out_of_the_other(world: World) -> None:
    home, stranger, browser = world.syndic(), world.syndic(), Browser()
    added = adding(world, "faux", home, stranger)
    _, page = legacy_sign_in(browser, stranger, stranger.accounts[1], acr_values="password", prompt="login")
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": added.email})
    page = page.submit("Continuer", **{"Mot de passe": "un-mot-de-passe-de-travers"})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    page = _refused(by_code(world, page, added.email)).follow(ANOTHER)
    page = _with_another(page, f"autre-{added.email}")
    world.work()
    question = Browser().get(world.mailed_link(f"autre-{added.email}"))
    question = question.submit(
        "Connexion", **{"Adresse e-mail": f"autre-{added.email}", "Mot de passe": OTHER_PASSWORD}
    )
    assert question.submit("Confirmer").heading == DONE, "the password chosen for the other address counts"


def test_on_another_device_the_page_says_what_to_do_and_leads_to_the_extranets_door(world: World) -> None:
    added = strangers(world, "telephone")
    page = _refused(by_link(world, added.email))
    assert "« Corriger l'adresse »" in page.text, "the device of the attempt goes on"
    door = str(page.link(ANOTHER)["href"])
    begins = {"iss": added.syndic.issuer}
    assert door == f"http://127.0.0.1:9999/login?{urlencode(begins)}", "this device begins anew at the extranet's door"
    other = f"autre-{added.email}"
    _, again = begin(added.syndic, added.account, other, page.browser)
    world.work()
    assert by_code(world, again, other).submit("Confirmer").heading == DONE


def test_the_device_of_the_attempt_corrects_the_address_meanwhile(world: World) -> None:
    added = strangers(world, "corrige")
    _refused(by_link(world, added.email))
    other = f"autre-{added.email}"
    page = added.browser.get(added.page.url).follow("Corriger l'adresse")
    page = page.submit("Continuer", **{"Adresse e-mail": other})
    assert page.heading == "Vous êtes maintenant connecté"
    world.work()
    assert by_code(world, page, other).submit("Confirmer").heading == DONE


def test_starting_over_again_and_again_sends_no_more_than_a_days_mails_and_shuts_nobody_out(world: World) -> None:
    added = strangers(world, "boucle", **PAST)
    page = added.page
    for number in range(7):
        page = added.browser.get(f"{added.syndic.issuer}/association/email?another=1")
        page = _with_another(page, f"autre{number}-{added.email}")
    assert "beaucoup de mails" in page.alert
    world.work()
    assert not world.mails_to(f"autre6-{added.email}"), "the sixth that is sent again is one too many"
    assert added.party.complete(page.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"


def test_past_the_deadline_the_refused_owner_is_let_in_at_each_sign_in_and_nothing_is_disabled(world: World) -> None:
    added = strangers(world, "echeance", **PAST)
    _refused(by_link(world, added.email))
    assert added.party.complete(added.page.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"
    for _ in range(2):
        party, page = legacy_sign_in(added.browser, added.syndic, added.account, prompt="login")
        assert not page.has("a", "Plus tard"), "past the deadline"
        page = page.submit("Étape suivante").submit("Continuer")
        assert page.heading == "Vous êtes maintenant connecté"
        tokens = party.complete(page.follow("Accéder à mon espace client"))
        assert tokens.id_claims["acr"] == "legacy"
        assert tokens.userinfo["accounts"][0]["identifier"] == added.account.identifier
    world.later(days=8)
    party, page = legacy_sign_in(Browser(), added.syndic, added.account)
    assert party.complete(_new_attempt(world, page, added).follow("Accéder à mon espace client")).userinfo
    assert _state(world, added.syndic) == "pending", "no disablement was ever asked for"


def _new_attempt(world: World, page: Page, added: Adding) -> Page:
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": added.email})
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    return page


def test_trust_that_ends_between_the_mail_and_the_confirmation_refuses(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    added = adding(world, "finie", home, partner)
    question = by_link(world, added.email)
    end_trust(world, home, partner)
    _refused(question)
    party, page = legacy_sign_in(Browser(), partner, added.account)
    assert party.complete(page).id_claims["acr"] == "legacy", "the printed code still works"


def test_trust_that_begins_in_between_confirms_the_very_attempt_that_was_refused(world: World) -> None:
    added = strangers(world, "naissante")
    question = by_link(world, added.email)
    _refused(question)
    world.trust(added.home.slug, added.syndic.slug)
    assert question.submit("Confirmer").heading == DONE, "nothing was used up by the refusal"


def test_a_third_syndic_must_be_trusted_by_each_of_the_owners_others(world: World) -> None:
    home, partner, third = world.syndic(), world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    world.trust(partner.slug, third.slug)
    added = adding(world, "trois", home, partner)
    assert by_link(world, added.email).submit("Confirmer").heading == DONE
    begin(third, third.accounts[0], added.email)
    world.work()
    _refused(by_link(world, added.email))
    assert RelyingParty(third).begin(Browser()).heading == "Mon compte immobilier"


def test_where_one_account_is_held_another_may_be_added_whoever_is_trusted(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    added = adding(world, "encore", home, partner)
    by_link(world, added.email).submit("Confirmer")
    end_trust(world, partner, home)
    begin(partner, partner.accounts[1], added.email)
    world.work()
    assert by_link(world, added.email).submit("Confirmer").heading == DONE, "it has one there already"
    told: dict[str, Any] = email_sign_in(partner, added.email).userinfo
    assert len(told["accounts"]) == 2
