"""Adding and removing second factors, and who may."""

import os
import subprocess
import sys

from sqlalchemy import select

from broker.identities.factors.models import AuthenticatorApp, FactorCheck, RecoveryCode
from config.database import session
from tenants.audit.models import PLATFORM, LedgerEntry
from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser
from tests.journeys.factor_owners import kept, remove_app
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
from tests.world import World
from workers.housekeeping import turn as housekeeping


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


def test_a_factor_that_comes_or_goes_ends_what_was_under_way(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, under_way = asked(person.syndic, person.email)
    remove_app(world, person.browser)
    enrol_app(world, person.browser)
    assert show_app(under_way, app.code).status == 410


def test_removing_the_last_factor_removes_the_recovery_codes_and_tells(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    remove_app(world, person.browser)
    assert kept(world, person, RecoveryCode) == 0, "codes recover nothing any more"
    assert kept(world, person, AuthenticatorApp) == 0
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
    assert kept(world, person, AuthenticatorApp) == 1
    assert kept(world, person, RecoveryCode) == 10
    assert kept(world, person, FactorCheck) == 0
    assert kept(world, stranger, AuthenticatorApp) == 0
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
