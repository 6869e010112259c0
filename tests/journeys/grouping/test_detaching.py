"""« Détacher »: the link ends with everything that rests on it, and nobody is left without a way in (JOURNEYS C5)."""

from pathlib import Path

import httpx2

from config.database import transaction
from tenants.legacy import service as legacy
from tenants.syndics import service as syndics
from tests.broker.oidc.receiver import BACK, client_of, receiving
from tests.browser import Browser
from tests.journeys.extranets import running
from tests.journeys.grouping.attempts import DONE, begin, by_link
from tests.journeys.grouping.detaching import (
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
from tests.journeys.steps import NAME, PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic, World


def _holders(world: World, name: str) -> tuple[TestSyndic, str, str]:
    """Two persons who hold one account, whose printed codes live on."""
    syndic = world.syndic(legacy_disable="never")
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
        _, syndic, browser = owner(world, "lettre", extranet.syndic)
        detach(world, browser)
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
    associate(world, syndic, syndic.accounts[0], one)
    second_code(world, syndic)
    associate(world, syndic, syndic.accounts[0], two)
    before = account(world, syndic)
    assert before.state == "disabled"
    browser, _ = signed_in(world, one)
    page = question(world, browser)
    assert "les autres titulaires de ce compte gardent leur accès" in page.text
    assert "demandez un code à votre agence" in page.submit("Détacher").text
    assert account(world, syndic).epoch == before.epoch, "nothing of the account changes"
    assert account(world, syndic).reissue_key is None
    assert len(email_sign_in(syndic, two).userinfo["accounts"]) == 1
    browser, _ = signed_in(world, two)
    assert "votre agence est prévenue" in detach(world, browser).text, "the last one to leave gets new codes issued"
    assert account(world, syndic).reissue_key is not None


def test_each_extranet_is_told_once_and_the_others_of_the_person_are_not(world: World) -> None:
    with receiving() as receiver:
        syndic = world.syndic()
        email = f"deux@{syndic.slug}.example"
        for each in syndic.accounts:
            associate(world, syndic, each, email)
        client = client_of(world, syndic, receiver, back=BACK)
        browser, tokens = Browser(), []
        for number in range(2):
            party = RelyingParty(client)
            hint = f"account:{account(world, syndic, number).public_id}"
            page = party.begin(browser, login_hint=hint)
            tokens.append(party.complete(page if number else sign_in(page, email, PASSWORD)))
        portal, _ = signed_in(world, email)
        detach(world, portal)
        world.work()
        assert [claims["sid"] for claims in receiver.told(client)] == [tokens[0].id_claims["sid"]]
        assert party.userinfo(tokens[1].access_token).status_code == 200, "the other account goes on"
        kept = party.userinfo(tokens[1].access_token).json()["accounts"]
        assert [each["identifier"] for each in kept] == [syndic.accounts[1].identifier]


def test_the_sign_in_that_began_the_association_ends_too(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    email = f"dedans@{syndic.slug}.example"
    party, page = begin(syndic, syndic.accounts[0], email)
    world.work()
    tokens = party.complete(page.follow("Accéder à mon espace client"))
    assert by_link(world, email).submit("Confirmer").heading == DONE
    assert party.userinfo(tokens.access_token).status_code == 200, "the owner stays inside"
    browser, _ = signed_in(world, email)
    detach(world, browser)
    assert party.userinfo(tokens.access_token).status_code == 401, "it stayed only because of the link"


def test_the_default_moves_and_the_page_says_where(world: World) -> None:
    syndic = world.syndic(accounts=3)
    email = f"defaut@{syndic.slug}.example"
    for each in syndic.accounts:
        associate(world, syndic, each, email)
    browser, _ = signed_in(world, email)
    assert "Votre adresse et votre mot de passe restent connus ici" not in question(world, browser).text
    assert "qui s'ouvrira par défaut" in question(world, browser).text
    detach(world, browser)
    assert default_account(world, email) == syndic.accounts[1].identifier, "the one that was linked first"
    assert "qui s'ouvrira par défaut" not in question(world, browser, 1).text, "another one is no default"
    detach(world, browser, 1)
    assert default_account(world, email) == syndic.accounts[1].identifier


def test_whoever_detached_all_signs_in_and_is_told_how_to_come_back(world: World) -> None:
    email, _, browser = owner(world, "vide")
    detach(world, browser)
    page = Browser().get(f"{world.base}/login").submit("Connexion", **{NAME: email, "Mot de passe": PASSWORD})
    assert page.heading == "Mes comptes"
    assert "choisissez « Associer mon compte »" in page.text
    assert page.has("a", "Gérer mes comptes")


def second_code(world: World, syndic: TestSyndic) -> None:
    """The agency hands out a second code for the first account: whoever holds it already keeps it."""
    with world.application.app_context(), transaction():
        found = legacy.find(syndics.get(syndic.slug).id, syndic.accounts[0].identifier)
        assert found is not None
        legacy.reissue(found)
    world.work()
    syndic.accounts[0].password = f"second-{syndic.accounts[0].password}"
    world.import_accounts(syndic)
