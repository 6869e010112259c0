"""R14: a mailbox that nobody has used for three years, or that refuses mail, may be a stranger's by now."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from broker.identities import dormancy
from broker.identities.models import Identity
from config import clock
from config.database import session, transaction
from tests.browser import Browser, Page
from tests.journeys.factors import App, enrol_app, show_app
from tests.journeys.owner import owner, signed_in
from tests.journeys.test_address_revert import reissued
from tests.world import TestSyndic, World

FRESH = "nuage-girafe-bouton-soleil"
SECRET = "Mot de passe de votre appel de fonds"


def unused(world: World, email: str, **since: float) -> None:
    """As if the address had last been used so long ago."""
    with world.application.app_context(), transaction() as work:
        person = work.scalars(select(Identity).where(Identity.email == email)).one()
        person.used_at = clock.now() - timedelta(**since)


def reset_page(world: World, email: str) -> Page:
    page = Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    assert page.heading == "Consultez votre messagerie", "the request is answered like any other"
    world.work()
    return Browser().get(world.mailed_link(email))


def _save(page: Page, email: str, syndic: TestSyndic, secret: str) -> Page:
    identifier = syndic.accounts[0].identifier
    typed = {"Adresse e-mail": email, "Nouveau mot de passe": FRESH, "Identifiant": identifier, SECRET: secret}
    return page.submit("Enregistrer", **typed)


def test_a_reset_of_a_dormant_address_needs_a_new_printed_code(world: World) -> None:
    email, syndic, _ = owner(world, "dormante")
    unused(world, email, days=3 * 365 + 2)
    page = reset_page(world, email)
    assert "Demandez un nouveau code à votre agence." in page.text
    refused = _save(page, email, syndic, syndic.accounts[0].password)
    assert "ne suffisent pas" in refused.alert, "the printed code of before proves nothing"
    assert page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH}).alert
    assert "Mot de passe invalide" in signed_in(world, email, FRESH)[1].alert, "the mailbox alone opens nothing"
    done = _save(reset_page(world, email), email, syndic, reissued(world, syndic))
    assert done.heading == "Votre nouveau mot de passe est enregistré"
    assert signed_in(world, email, FRESH)[1].heading == "Vérifiez votre compte"


def test_a_printed_code_that_still_works_but_was_not_issued_anew_is_no_proof(world: World) -> None:
    email, syndic, _ = owner(world, "ancien-code", world.syndic(legacy_disable="never"))
    unused(world, email, days=2000)
    refused = _save(reset_page(world, email), email, syndic, syndic.accounts[0].password)
    assert "ne suffisent pas" in refused.alert, "the letter of years ago may lie with the mailbox's stranger"


def test_a_mailbox_that_refuses_mail_needs_one_too_even_if_it_was_used_lately(world: World) -> None:
    email, syndic, _ = owner(world, "rejet")
    with world.application.app_context(), transaction():
        dormancy.bounced(email)
    page = reset_page(world, email)
    assert "ne suffisent pas" in _save(page, email, syndic, "whatever-it-is").alert
    done = _save(page, email, syndic, reissued(world, syndic))
    assert done.heading == "Votre nouveau mot de passe est enregistré"
    page = reset_page(world, email)
    assert SECRET not in page.text, "the mailbox has just been proved: it counts again"


@pytest.mark.parametrize("days", [0, 3 * 365 - 2])
def test_an_address_that_was_used_since_needs_none(world: World, days: int) -> None:
    email, _, _ = owner(world, f"vive{days}")
    unused(world, email, days=days)
    page = reset_page(world, email)
    assert SECRET not in page.text
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    assert page.heading == "Votre nouveau mot de passe est enregistré"


def test_the_mailbox_of_an_unknown_address_is_answered_alike(world: World) -> None:
    email, syndic, _ = owner(world, "pareille")
    unused(world, email, days=2000)
    said = []
    for address in (email, f"personne@{syndic.slug}.example"):
        page = Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": address})
        said.append((page.status, page.text))
    assert said[0] == said[1]


def test_a_sign_in_is_noted_at_most_once_a_month(world: World) -> None:
    email, _, _ = owner(world, "noter")
    noted = _used_at(world, email)
    world.later(days=20)
    signed_in(world, email)
    assert _used_at(world, email) == noted, "twenty days later nothing is written"
    world.later(days=11)
    signed_in(world, email)
    assert _used_at(world, email) > noted, "a month later it is"


def _used_at(world: World, email: str) -> datetime:
    with world.application.app_context():
        return session().scalars(select(Identity.used_at).where(Identity.email == email)).one()


def test_after_a_reset_the_accounts_are_shown_at_once_and_nothing_is_asked(world: World) -> None:
    email, syndic, _ = owner(world, "apercu")
    page = reset_page(world, email)
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    assert page.heading == "Votre nouveau mot de passe est enregistré"
    assert syndic.name in page.text
    assert "04 74 00 00 00" in page.text, "whom to call about an account that is not theirs"
    assert signed_in(world, email, FRESH)[1].heading == "Mes comptes"


def test_after_a_reset_with_a_second_factor_the_accounts_are_reviewed_once_signed_in(world: World) -> None:
    email, syndic, browser = owner(world, "revue")
    app, _ = enrol_app(world, browser)
    page = reset_page(world, email)
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    assert syndic.name not in page.text, "the mailbox alone shows nothing of an account that it does not open"
    signed_in_with = partial(_signed_in_with, world, email, app)
    page = signed_in_with()
    assert page.heading == "Vérifiez votre compte"
    assert syndic.name in page.text
    assert "04 74 00 00 00" in page.text, "whom to call about an account that is not theirs"
    world.later(minutes=1)
    assert signed_in_with().heading == "Vérifiez votre compte", "until it is answered"
    assert page.submit("Tout est correct").heading == "Mes comptes"
    world.later(minutes=1)
    assert signed_in_with().heading == "Mes comptes", "once"


def _signed_in_with(world: World, email: str, app: App) -> Page:
    return show_app(signed_in(world, email, FRESH)[1], app.code)


def test_the_review_leads_to_no_other_site(world: World) -> None:
    email, _, _ = owner(world, "loin")
    page = reset_page(world, email)
    page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    browser, _ = signed_in(world, email, FRESH)
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example", "\t//evil.example"):
        page = browser.get(f"{world.base}/account/review", params={"next": target})
        form = page.button("Tout est correct").find_parent("form")
        assert form is not None
        assert "evil" not in str(form["action"]), f"{target} is not ours"
