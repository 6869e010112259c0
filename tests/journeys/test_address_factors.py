"""A change of address, a dormant address and a review, where second factors are enrolled (SECURITY R3, R4, R14)."""

from tests.browser import Browser, Page
from tests.journeys.factors import CONFIRM, enrol_app, show_app
from tests.journeys.owner import change, owner, signed_in
from tests.journeys.test_address_revert import CODE, FRESH, FROZEN, reissued
from tests.journeys.test_dormant_address import SECRET, reset_page, unused
from tests.world import World


def _revert(world: World, old: str) -> Page:
    link, code = world.mailed_link(old), world.mailed_code(old)
    page = Browser().get(link).submit("Annuler le changement", **{CODE: code})
    assert page.heading == FROZEN
    return Browser().get(link)


def test_a_factor_that_is_older_than_the_change_is_the_second_proof_at_the_sign_in(world: World) -> None:
    old, syndic, browser = owner(world, "cle")
    app, _ = enrol_app(world, browser)
    change(world, browser, f"cle-nouveau@{syndic.slug}.example")
    page = _revert(world, old).submit("Retrouver l'accès", **{"Nouveau mot de passe": FRESH})
    assert page.heading == "Votre nouveau mot de passe est enregistré"
    _, page = signed_in(world, old, FRESH)
    assert page.heading == CONFIRM, "the mailbox and a password of its choice open nothing"
    page = show_app(page, app.code)
    assert page.heading == "Vérifiez votre compte"
    assert "Application d'authentification" in page.text, "the owner sees which factors there are"


def test_a_factor_that_was_enrolled_after_the_change_is_an_intruders(world: World) -> None:
    old, syndic, browser = owner(world, "intrus")
    change(world, browser, f"intrus-nouveau@{syndic.slug}.example")
    enrol_app(world, browser)
    page = _revert(world, old)
    refused = page.submit("Retrouver l'accès", **{"Nouveau mot de passe": FRESH})
    assert "ne suffisent pas" in refused.alert, "it counts for nothing"
    identifier = syndic.accounts[0].identifier
    typed = {"Identifiant": identifier, SECRET: reissued(world, syndic), "Nouveau mot de passe": FRESH}
    assert page.submit("Retrouver l'accès", **typed).heading == "Votre nouveau mot de passe est enregistré"
    assert signed_in(world, old, FRESH)[1].heading == "Vérifiez votre compte", "and asks the owner for nothing"


def test_a_dormant_address_with_a_factor_needs_no_printed_code(world: World) -> None:
    email, _, browser = owner(world, "dormante-cle")
    enrol_app(world, browser)
    unused(world, email, days=2000)
    page = reset_page(world, email)
    assert SECRET not in page.text
    page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    assert signed_in(world, email, FRESH)[1].heading == CONFIRM, "the factor is asked for anyway"
