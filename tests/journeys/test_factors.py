"""Second factors without a screen: the app and the recovery codes, at every door, in every wrong order."""

import pytest

from broker.identities import service as identities
from broker.identities.factors.refusals import FactorNeeded
from broker.identities.factors.strength import PASSWORD as PASSWORD_ALONE
from broker.sessions import service as sessions
from broker.web.network import Caller
from config.database import session
from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser
from tests.journeys.factor_owners import LOGIN, NEW_PASSWORD, reset_password
from tests.journeys.factors import (
    CONFIRM,
    SECURITY,
    asked,
    enrol_app,
    show_app,
    show_recovery,
)
from tests.journeys.steps import NAME, PASSWORD, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World


def test_the_password_and_then_the_apps_code_sign_in(world: World) -> None:
    person = owner(world)
    app, codes = enrol_app(world, person.browser)
    assert len(set(codes)) == 10, "ten recovery codes come with the first factor"
    party, page = asked(person.syndic, person.email)
    assert page.heading == CONFIRM
    claims = party.complete(show_app(page, app.code)).id_claims
    assert (claims["acr"], claims["amr"]) == ("mfa", ["pwd", "otp", "mfa"])


def test_before_the_factor_the_browser_is_not_signed_in(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    browser = Browser()
    asked(person.syndic, person.email, browser)
    page = RelyingParty(person.syndic).begin(browser, prompt="none")
    assert isinstance(page, Arrived)
    assert page.query["error"] == "login_required", "a password alone opens no session"
    assert browser.get(f"{world.base}/account/accounts").heading == LOGIN


def test_the_portal_asks_too_and_goes_on_to_the_page_that_was_wanted(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    page = sign_in(Browser().get(f"{world.base}/account/security"), person.email, PASSWORD)
    assert page.heading == CONFIRM
    assert show_app(page, app.code).heading == SECURITY


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(world: World) -> None:
    person = owner(world)
    _, codes = enrol_app(world, person.browser)
    party, page = asked(person.syndic, person.email)
    claims = party.complete(show_recovery(page, codes[0].upper().replace("-", " "))).id_claims
    assert (claims["acr"], claims["amr"]) == ("mfa", ["pwd", "otp", "mfa"]), "capitals and spaces do not matter"
    world.work()
    assert "code" in world.mails_to(person.email)[0].text, "the use of a recovery code is told"
    _, again = asked(person.syndic, person.email)
    assert "a déjà servi" in show_recovery(again, codes[0]).alert
    assert isinstance(show_recovery(again, codes[1]), Arrived), "the others are still good"


def test_a_reset_does_not_go_around_it_and_ends_what_was_under_way(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, under_way = asked(person.syndic, person.email)
    reset_password(world, person.email)
    assert show_app(under_way, app.code).status == 410, "a sign-in that began with the old password is dead"
    party = RelyingParty(person.syndic)
    page = sign_in(party.begin(Browser()), person.email, NEW_PASSWORD)
    assert page.heading == CONFIRM, "the new password alone does not sign in"
    page = show_app(page, app.code)
    assert page.heading == "Vérifiez votre compte", "after a recovery the owner looks at what is there"
    assert party.complete(page.submit("Tout est correct")).id_claims["acr"] == "mfa"


def test_an_association_to_an_identity_with_a_factor_asks_for_it_by_link(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = legacy_sign_in(Browser(), person.syndic, person.syndic.accounts[1], acr_values="password", prompt="login")
    until_waiting(page, person.email)
    world.work()
    browser = Browser()
    page = browser.get(world.mailed_link(person.email))
    page = page.submit("Connexion", **{"Adresse e-mail": person.email, "Mot de passe": PASSWORD})
    assert page.heading == CONFIRM
    assert browser.get(f"{world.base}/confirm/review").heading == CONFIRM, "the question comes after the factor"
    token = str(page.soup.select("[name=csrf_token]")[0]["value"])
    forced = browser.post(f"{world.base}/confirm/review", {"csrf_token": token, "decision": "confirm"})
    assert forced.heading == "Confirmez votre adresse e-mail", "nor can it be answered before"
    page = show_app(page, app.code).submit("Confirmer")
    assert page.heading == "Ce compte est associé"
    claims = RelyingParty(person.syndic)
    assert claims.complete(claims.begin(browser, prompt="none")).id_claims["acr"] == "mfa"


def test_an_association_to_an_identity_with_a_factor_asks_for_it_by_code(world: World) -> None:
    person = owner(world)
    _, codes = enrol_app(world, person.browser)
    _, page = legacy_sign_in(Browser(), person.syndic, person.syndic.accounts[1], acr_values="password", prompt="login")
    page = until_waiting(page, person.email)
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(person.email)})
    page = page.submit("Connexion", **{"Adresse e-mail": person.email, "Mot de passe": PASSWORD})
    assert page.heading == CONFIRM
    assert show_recovery(page, codes[3]).submit("Confirmer").heading == "Ce compte est associé"


def test_a_factor_that_is_enrolled_between_password_and_confirmation_is_asked_for(world: World) -> None:
    person = owner(world)
    _, page = legacy_sign_in(Browser(), person.syndic, person.syndic.accounts[1], acr_values="password", prompt="login")
    until_waiting(page, person.email)
    world.work()
    page = Browser().get(world.mailed_link(person.email))
    page = page.submit("Connexion", **{"Adresse e-mail": person.email, "Mot de passe": PASSWORD})
    app, _ = enrol_app(world, person.browser)
    page = page.submit("Confirmer")
    page = page.submit("Connexion", **{"Adresse e-mail": person.email, "Mot de passe": PASSWORD})
    assert page.heading == CONFIRM
    assert show_app(page, app.code).submit("Confirmer").heading == "Ce compte est associé"


def test_no_way_in_begins_a_session_by_the_password_alone(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    with world.application.app_context():
        found = identities.by_email(person.email)
        assert found is not None
        with pytest.raises(FactorNeeded):
            sessions.begin_identity(
                found, Caller("", ""), shown=PASSWORD_ALONE, persistent=False, origin=None, renews=None
            )
        session().rollback()


def test_keeping_the_session_is_kept_in_mind_through_the_factor(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    browser = Browser()
    page = RelyingParty(person.syndic).begin(browser)
    page = page.submit("Connexion", **{NAME: person.email, "Mot de passe": PASSWORD, "Garder ma session active": "on"})
    show_app(page, app.code)
    kept = [cookie for cookie in browser.http.cookies.jar if cookie.name == "trousseau_session"]
    assert kept[0].expires, "the session survives the browser, as it was asked before the factor"
