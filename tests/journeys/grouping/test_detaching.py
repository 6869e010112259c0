"""« Détacher »: the link ends with everything that rests on it, and nobody is left without a way in (JOURNEYS C5)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.broker.oidc.receiver import BACK, client_of, receiving
from tests.browser import Browser, Page
from tests.journeys.association.beginnings import contest_link, known_address
from tests.journeys.extranets import running
from tests.journeys.grouping.attempts import DONE, begin, by_code, by_link
from tests.journeys.grouping.detaching import (
    DETACHED,
    account,
    default_account,
    detach,
    ended,
    enter,
    links,
    manage,
    promised,
    question,
)
from tests.journeys.owner import owner, signed_in
from tests.journeys.steps import NAME, PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic, World


def _holders(world: World, name: str, **policy: object) -> tuple[TestSyndic, str, str]:
    """Two persons who hold one account: at first its codes live on, then they are retired."""
    syndic = world.syndic(legacy_disable="never", **policy)
    one, two = f"{name}-elle@{syndic.slug}.example", f"{name}-lui@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], one)
    associate(world, syndic, syndic.accounts[0], two)
    return syndic, one, two


def test_the_page_says_what_will_happen_and_asks_for_the_password_again(world: World) -> None:
    email, syndic, browser = owner(world, "demande")
    address = world.base + links(manage(world, browser), "Détacher")[0]
    assert browser.get(address).heading == "Saisissez votre mot de passe"
    page = question(world, browser)
    for said in (
        "Appt 12",
        f"…{syndic.accounts[0].identifier[-4:]}",
        syndic.name,
        "votre agence vous remettra de nouveaux codes",
        "C'est votre dernier compte.",
        "04 74 00 00 00",
    ):
        assert said in page.text, f"the page says nothing of {said!r}"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1, "opening it changes nothing"
    world.later(minutes=11)
    late = page.submit("Détacher")
    assert late.heading == "Saisissez votre mot de passe", "the button too needs a password that was just typed"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1


def test_everything_that_rests_on_the_link_ends_and_new_codes_are_issued(world: World) -> None:
    email, syndic, browser = owner(world, "seule")
    printed, inside = syndic.accounts[0], enter(syndic, email)
    before = account(world, syndic)
    page = detach(world, browser)
    assert "votre agence est prévenue" in page.text
    assert "Plus aucun compte n'est rattaché à votre adresse." in page.text
    assert not inside.is_open
    assert "/no-account" in RelyingParty(syndic).begin(inside.browser).url, "its session opens the account no more"
    _, again = legacy_sign_in(Browser(), syndic, printed)
    assert "Cet identifiant ne peut plus être utilisé." in again.alert, "a retired secret never works again"
    assert promised(world, "legacy.reissue", before.public_id) == [
        f"legacy.reissue:{before.public_id}:{before.epoch + 1}"
    ]
    world.work()
    told = world.mails_to(email)[0]
    assert told.subject == "Un changement sur votre compte"
    assert "détaché de votre adresse" in told.text
    alerts = [mail for mail in world.mails_to(f"contact@{syndic.slug}.example") if "nouveau code" in mail.subject]
    assert [printed.identifier in mail.text for mail in alerts] == [True]
    assert email not in alerts[0].text
    assert "imprimez un nouveau code" in alerts[0].text, "an imported source prints one only if it is told"
    assert ended(world, syndic)[0]["because"] == "detached"
    history = browser.get(f"{world.base}/account/history").text
    assert f"Vous avez détaché le compte …{printed.identifier[-4:]} de {syndic.name}." in history
    assert f"Vous avez détaché un compte de {syndic.name}." in browser.get(f"{world.base}/account/evidence").text
    world.ledger_is_whole()


def test_the_new_code_opens_the_account_and_associates_it_again(world: World) -> None:
    email, syndic, browser = owner(world, "retour")
    former, sub = syndic.accounts[0].password, email_sign_in(syndic, email).id_claims["sub"]
    detach(world, browser)
    world.work()
    syndic.accounts[0].password = f"nouveau-{former}"
    world.import_accounts(syndic)
    old = Account(syndic.accounts[0].identifier, former, "", None)
    assert "Mot de passe invalide" in legacy_sign_in(Browser(), syndic, old)[1].alert
    associate(world, syndic, syndic.accounts[0], email)
    tokens = email_sign_in(syndic, email)
    assert len(tokens.userinfo["accounts"]) == 1
    assert tokens.id_claims["sub"] != sub, "no subject ever comes back"
    assert default_account(world, email) == syndic.accounts[0].identifier


def test_a_source_of_the_syndics_own_sends_a_letter(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        email, syndic, browser = owner(world, "lettre", extranet.syndic)
        detach(world, browser)
        world.work()
        world.later(seconds=5)
        world.work()
        letters = httpx2.get(f"{extranet.url}/legacy/letters").json()
        assert [letter["identifier"] for letter in letters] == [syndic.accounts[0].identifier]
        renewed = Account(syndic.accounts[0].identifier, letters[0]["secret"], "", None)
        party, page = legacy_sign_in(Browser(), syndic, renewed)
        assert party.complete(page).id_claims["acr"] == "legacy"


def test_where_the_policy_keeps_the_former_codes_they_go_on(world: World) -> None:
    email, syndic, browser = owner(world, "garde", world.syndic(legacy_disable="never"))
    assert "vos anciens identifiants de ce compte continuent de fonctionner" in question(world, browser).text
    assert "ses identifiants habituels" in detach(world, browser).text
    assert not promised(world, "legacy.reissue", account(world, syndic).public_id)
    assert account(world, syndic).state == "active", "nobody holds it: it is as before the first link"
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy"
    associate(world, syndic, syndic.accounts[0], email)
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1


def test_nothing_changes_for_the_other_holders(world: World) -> None:
    syndic, one, two = _holders(world, "couple")
    world.work()
    theirs, mine = enter(syndic, two), enter(syndic, one)
    browser, _ = signed_in(world, one)
    detach(world, browser)
    assert not mine.is_open
    assert theirs.is_open
    world.work()
    assert not [mail for mail in world.mails_to(two) if "changement" in mail.subject]
    assert not promised(world, "legacy.reissue", account(world, syndic).public_id)
    assert len(email_sign_in(syndic, two).userinfo["accounts"]) == 1


def test_a_retired_code_stays_retired_while_somebody_else_holds_the_account(world: World) -> None:
    syndic = world.syndic()
    one, two = f"premiere@{syndic.slug}.example", f"seconde@{syndic.slug}.example"
    pages = {email: begin(syndic, syndic.accounts[0], email)[1] for email in (one, two)}
    world.work()
    by_code(world, pages[one], one).submit("Confirmer")
    world.work()
    _reissued(world, syndic)
    associate(world, syndic, syndic.accounts[0], two)
    browser, _ = signed_in(world, one)
    page = question(world, browser)
    assert "les autres titulaires de ce compte gardent leur accès" in page.text
    page = page.submit("Détacher")
    assert "demandez un code à votre agence" in page.text
    assert not promised(world, "legacy.reissue", f"{account(world, syndic).public_id}:{account(world, syndic).epoch}")
    assert len(email_sign_in(syndic, two).userinfo["accounts"]) == 1


def _reissued(world: World, syndic: TestSyndic) -> None:
    """The agency hands out a second code for the account."""
    from config.database import transaction
    from tenants.legacy import service as legacy

    with world.application.app_context(), transaction():
        legacy.reissue(account(world, syndic))
