"""Second factors without a screen: the app and the recovery codes, at every door, in every wrong order."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from broker.identities import service as identities
from broker.identities.factors.models import AuthenticatorApp, FactorCheck, RecoveryCode
from broker.identities.factors.refusals import FactorNeeded
from broker.identities.factors.strength import PASSWORD as PASSWORD_ALONE
from broker.sessions import service as sessions
from broker.web.network import Caller
from config.database import session
from tenants.audit.models import PLATFORM, LedgerEntry
from tests.broker.oidc.owners import Owner, owner
from tests.browser import Arrived, Browser, Page
from tests.journeys.factors import (
    APP,
    CODES,
    CONFIRM,
    SECURITY,
    asked,
    begin_app,
    confirmed,
    enrol_app,
    recovery_codes,
    security,
    show_app,
    show_recovery,
)
from tests.journeys.steps import NAME, PASSWORD, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World
from workers import housekeeping

Model = type[RecoveryCode] | type[AuthenticatorApp] | type[FactorCheck]
LOGIN = "Mon compte immobilier"
NEW_PASSWORD = "girafe-ruban-lampe-jardin"


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


def test_an_enrolment_that_is_not_confirmed_counts_for_nothing(world: World) -> None:
    person = owner(world)
    app, page = begin_app(world, person.browser)
    assert "Ce code n'est pas le bon" in page.submit("Valider", **{"Code à 6 chiffres": app.wrong}).alert
    party, arrived = asked(person.syndic, person.email)
    assert party.complete(arrived).id_claims["acr"] == "password"
    page = person.browser.get(f"{world.base}/account/security/app")
    assert page.submit("Valider", **{"Code à 6 chiffres": app.code}).heading == CODES, "the same picture still waits"


def test_a_picture_that_was_shown_in_one_session_is_confirmed_in_no_other(world: World) -> None:
    person = owner(world)
    app, _ = begin_app(world, person.browser)
    other = Browser()
    asked(person.syndic, person.email, other)
    page = confirmed(other.get(f"{world.base}/account/security/app"))
    assert not page.has("button", "Valider"), "another browser is shown no seed that it did not ask for"
    _, mine = begin_app(world, other)
    assert "n'est pas le bon" in mine.submit("Valider", **{"Code à 6 chiffres": app.code}).alert


def test_a_code_is_taken_once_however_it_is_sent_again(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    code = app.code
    _, first = asked(person.syndic, person.email)
    _, second = asked(person.syndic, person.email)
    assert isinstance(show_app(first, code), Arrived)
    page = show_app(second, code)
    assert page.heading == CONFIRM, "the same time step is not taken twice (RFC 6238 section 5.2)"
    assert "a déjà servi" in page.alert
    assert "a déjà servi" in show_app(second, app.code_after(-30)).alert, "nor an older one after it"
    assert isinstance(show_app(second, app.code_after(30)), Arrived), (
        "the clock of a telephone may be half a minute off"
    )


def test_a_clock_that_is_more_than_a_step_off_is_wrong(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    assert show_app(page, app.code_after(90)).heading == CONFIRM


def test_of_many_uses_of_one_recovery_code_at_once_one_succeeds(world: World) -> None:
    person = owner(world)
    _, codes = enrol_app(world, person.browser)
    pages = [asked(person.syndic, person.email)[1].follow("Utiliser un code de récupération") for _ in range(4)]
    arrived = _at_once([lambda page=page: show_recovery(page, codes[0]) for page in pages])  # type: ignore[misc]  # mypy cannot tell what a lambda with a default is
    assert sum(isinstance(page, Arrived) for page in arrived) == 1, "one code, one session"


def test_of_many_uses_of_one_apps_code_at_once_one_succeeds(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    pages = [asked(person.syndic, person.email)[1] for _ in range(4)]
    code = app.code
    arrived = _at_once([lambda page=page: show_app(page, code) for page in pages])  # type: ignore[misc]  # mypy cannot tell what a lambda with a default is
    assert sum(isinstance(page, Arrived) for page in arrived) == 1, "one time step, one session"


def test_five_wrong_codes_end_it_and_typing_the_password_again_gives_no_more(world: World) -> None:
    person = owner(world)
    app, codes = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    for _ in range(4):
        page = show_app(page, app.wrong)
        assert page.heading == CONFIRM
    assert show_app(page, app.wrong).status == 429, "the fifth wrong code ends the step"
    assert show_app(page, app.code).status == 410, "and a right one comes too late"
    _, anew = asked(person.syndic, person.email)
    assert show_app(anew, app.code).status == 429, "a new sign-in brings no new tries"
    assert show_recovery(anew, codes[0]).status == 429
    world.work()
    assert "cinq codes faux" in world.mails_to(person.email)[0].text, "the owner learns that the password is known"
    world.later(minutes=16)
    _, later = asked(person.syndic, person.email)
    assert isinstance(show_app(later, app.code), Arrived), "after a quarter of an hour it works again"


def test_what_is_no_code_is_no_try(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    for typed in ("", "12345", "abcdef", "1234567", "٣٤٥٦٧٨", "12 34"):
        page = show_app(page, typed)
        assert page.heading == CONFIRM
    for typed in ("", "k7mq", "u" * 12, "k7mq-2xpd-9f3v-0000"):
        assert show_recovery(page, typed).heading == CONFIRM
    assert isinstance(show_app(page, f"{app.code[:3]} {app.code[3:]}"), Arrived), "spaces do not matter"


def test_the_step_waits_ten_minutes(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    world.later(minutes=11)
    page = show_app(page, app.code)
    assert page.status == 410
    page = sign_in(page.follow("Se reconnecter"), person.email, PASSWORD)
    assert isinstance(show_app(page, app.code), Arrived), "the same request goes on"


def test_another_persons_code_is_of_no_use(world: World) -> None:
    one, other = owner(world), owner(world)
    enrol_app(world, one.browser)
    app, codes = enrol_app(world, other.browser)
    _, page = asked(one.syndic, one.email)
    assert show_app(page, app.code).heading == CONFIRM
    assert show_recovery(page, codes[0]).heading == CONFIRM


def test_the_step_belongs_to_the_browser_that_typed_the_password(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    stranger = Browser()
    assert stranger.get(page.url).status == 410, "the address alone is nobody's"


def test_the_step_is_taken_at_its_own_place_only(world: World) -> None:
    person, elsewhere = owner(world), world.syndic()
    app, _ = enrol_app(world, person.browser)
    browser = Browser()
    _, page = asked(person.syndic, person.email, browser)
    cookie = next(value for name, value in browser.http.cookies.items() if "factor_at-" in name)
    browser.http.cookies.set(f"trousseau_factor_at-{elsewhere.slug}", cookie)
    browser.http.cookies.set("trousseau_factor_portal", cookie)
    assert browser.get(f"{elsewhere.issuer}/login/factor").status == 410, "another syndic's page does not take it"
    assert browser.get(f"{world.base}/login/factor").status == 410, "nor does the portal"
    assert isinstance(show_app(page, app.code), Arrived)


def test_the_request_of_another_syndic_in_the_address_changes_nothing(world: World) -> None:
    person, elsewhere = owner(world), world.syndic()
    app, _ = enrol_app(world, person.browser)
    theirs = RelyingParty(elsewhere).begin(Browser()).response.url.params["r"]
    party, page = asked(person.syndic, person.email)
    own = str(page.response.url.params["r"])
    page = page.browser.get(page.url.replace(own, theirs))
    assert page.heading == CONFIRM
    assert party.complete(show_app(page, app.code)).id_claims["acr"] == "mfa", "the request that began goes on"


def test_two_tabs_of_one_browser_do_not_meet(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    browser = Browser()
    _, one = asked(person.syndic, person.email, browser)
    party, other = asked(person.syndic, person.email, browser)
    assert party.complete(show_app(other, app.code)).id_claims["acr"] == "mfa"
    world.later(seconds=31)
    assert isinstance(show_app(one, app.code), Arrived), "the first tab goes on with the session that there is"


def test_a_reset_does_not_go_around_it_and_ends_what_was_under_way(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, under_way = asked(person.syndic, person.email)
    _reset(world, person.email)
    assert show_app(under_way, app.code).status == 410, "a sign-in that began with the old password is dead"
    party = RelyingParty(person.syndic)
    page = sign_in(party.begin(Browser()), person.email, NEW_PASSWORD)
    assert page.heading == CONFIRM, "the new password alone does not sign in"
    page = show_app(page, app.code)
    assert page.heading == "Vérifiez votre compte", "after a recovery the owner looks at what is there"
    assert party.complete(page.submit("Tout est correct")).id_claims["acr"] == "mfa"


def test_a_factor_that_comes_or_goes_ends_what_was_under_way(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, under_way = asked(person.syndic, person.email)
    _remove_app(world, person.browser)
    enrol_app(world, person.browser)
    assert show_app(under_way, app.code).status == 410


def test_removing_the_last_factor_removes_the_recovery_codes_and_tells(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    _remove_app(world, person.browser)
    assert _kept(world, person, RecoveryCode) == 0, "codes recover nothing any more"
    assert _kept(world, person, AuthenticatorApp) == 0
    world.work()
    assert "retirée" in world.mails_to(person.email)[0].text
    party, page = asked(person.syndic, person.email)
    assert party.complete(page).id_claims["acr"] == "password"


def test_new_recovery_codes_void_the_former_ones(world: World) -> None:
    person = owner(world)
    _, old = enrol_app(world, person.browser)
    page = security(world, person.browser).follow(CODES)
    new = recovery_codes(page.submit("Créer de nouveaux codes"))
    assert len(new) == 10
    assert not set(new) & set(old)
    _, page = asked(person.syndic, person.email)
    assert "n'est pas le bon" in show_recovery(page, old[0]).alert
    assert isinstance(show_recovery(page, new[0]), Arrived)


def test_recovery_codes_are_shown_once_only(world: World) -> None:
    person = owner(world)
    _, codes = enrol_app(world, person.browser)
    for path in ("", "/codes", "/app"):
        text = person.browser.get(f"{world.base}/account/security{path}").text
        assert not any(code in text for code in codes), f"/account/security{path} shows codes again"


def test_a_change_asks_for_the_password_again(world: World) -> None:
    person = owner(world)
    for path in ("passkey", "app", "codes", "remove/app"):
        page = person.browser.get(f"{world.base}/account/security/{path}")
        assert page.heading == "Saisissez votre mot de passe", f"{path} changes without the password"
    enrol_app(world, person.browser)
    world.later(minutes=11)
    page = security(world, person.browser).follow("Retirer")
    assert page.heading == "Saisissez votre mot de passe", "ten minutes later it is asked again"


def test_a_session_that_is_older_than_the_factor_must_show_it_before_a_change(world: World) -> None:
    person = owner(world)
    older = Browser()
    asked(person.syndic, person.email, older)
    app, _ = enrol_app(world, person.browser)
    page = confirmed(security(world, older).follow("Retirer"))
    assert page.heading == CONFIRM, "a stolen session with a stolen password removes no factor"
    page = show_app(page, app.code)
    assert page.heading == "Retirer cette étape ?"
    assert page.submit("Retirer").heading == SECURITY


def test_a_factor_that_is_shown_in_one_session_strengthens_no_other(world: World) -> None:
    person, stranger = owner(world), owner(world)
    older, theirs = Browser(), Browser()
    asked(person.syndic, person.email, older)
    asked(stranger.syndic, stranger.email, theirs)
    enrol_app(world, person.browser)
    app, _ = enrol_app(world, stranger.browser)
    page = confirmed(security(world, older).follow("Retirer"))
    assert page.heading == CONFIRM
    other = confirmed(security(world, theirs).follow("Retirer"))
    name = "trousseau_factor_account"
    older.http.cookies.set(name, theirs.http.cookies[name], domain="127.0.0.1", path="/")
    page = show_app(page, app.code)
    assert page.heading == CONFIRM, "a stranger's code in a borrowed step opens nothing"
    assert show_app(other, app.code).heading == "Retirer cette étape ?", "and the stranger's own step is not used up"


def test_there_is_one_app_and_the_page_says_when_it_was_used(world: World) -> None:
    person = owner(world)
    page = security(world, person.browser)
    assert not page.has("a", CODES)
    enrol_app(world, person.browser)
    page = security(world, person.browser)
    assert not page.has("a", APP), "a second app would only confuse"
    assert page.has("a", CODES)
    assert page.has("a", "Retirer")
    assert "Dernière utilisation" in page.text


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


def test_an_operator_removes_the_factors_of_who_has_lost_them_all(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    _operator(world, "identity", "remove-factors", "--email", person.email.upper())
    world.work()
    assert "plateforme" in world.mails_to(person.email)[0].text, "the owner is told"
    party, page = asked(person.syndic, person.email)
    assert party.complete(page).id_claims["acr"] == "password"
    with world.application.app_context():
        newest = select(LedgerEntry.kind).where(LedgerEntry.chain == PLATFORM).order_by(LedgerEntry.sequence.desc())
        assert session().scalar(newest.limit(1)) == "factors.removed", "an operator's act is evidence"
    world.ledger_is_whole()


def test_what_was_never_finished_is_cleared_away_and_what_counts_stays(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    asked(person.syndic, person.email)
    stranger = owner(world)
    begin_app(world, stranger.browser)
    world.later(hours=1)
    with world.application.app_context():
        housekeeping.tidy()
    assert _kept(world, person, AuthenticatorApp) == 1
    assert _kept(world, person, RecoveryCode) == 10
    assert _kept(world, person, FactorCheck) == 0
    assert _kept(world, stranger, AuthenticatorApp) == 0
    assert isinstance(show_app(asked(person.syndic, person.email)[1], app.code), Arrived)


def _operator(world: World, *arguments: str) -> None:
    """Run a command of the operators, as a program of its own."""
    uri = world.application.config["SQLALCHEMY_DATABASE_URI"]
    environment = {
        **os.environ,
        "TROUSSEAU_DATABASE_URL": uri,
        "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
    }
    program = [sys.executable, "-c", "from broker.cli import main; main()", *arguments]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr[-600:]


def _reset(world: World, email: str) -> None:
    page = Browser().get(f"{world.base}/forgotten")
    page.submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    page = Browser().get(world.mailed_link(email))
    page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": NEW_PASSWORD})


def _remove_app(world: World, browser: Browser) -> None:
    page = security(world, browser).follow("Retirer")
    assert page.heading == "Retirer cette étape ?", page.text[:300]
    assert page.submit("Retirer").heading == SECURITY


def _kept(world: World, person: Owner, model: Model) -> int:
    with world.application.app_context():
        found = identities.by_email(person.email)
        assert found is not None
        return len(session().scalars(select(model).where(model.identity_id == found.id)).all())


def _at_once(acts: list[Callable[[], Page]]) -> list[Page]:
    """Do them all at the same moment."""
    ready, pages = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Page]) -> None:
        ready.wait()
        pages.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pages
