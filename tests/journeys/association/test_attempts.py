"""The attempt under stress: twice, two tabs, two devices, at once, expired, used, contested, by scanners."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.browser import Browser, Page
from tests.journeys.steps import (
    PASSWORD,
    associate,
    confirm_by_link,
    email_sign_in,
    legacy_sign_in,
    sign_in,
    until_waiting,
)
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


def _waiting(world: World, name: str) -> tuple[TestSyndic, str, Browser, Page]:
    syndic = world.syndic(**REQUIRED)
    email, browser = f"{name}@{syndic.slug}.example", Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    waiting = until_waiting(page, email)
    world.work()
    return syndic, email, browser, waiting


def test_a_scanner_that_opens_the_link_and_submits_its_forms_changes_nothing(world: World) -> None:
    _, email, _, _ = _waiting(world, "scanner")
    link, scanner = world.mailed_link(email), Browser()
    for _ in range(20):
        page = scanner.get(link)
        scanner.http.head(link)
        page.submit("Connexion")
        page.submit("Connexion", **{"Adresse e-mail": "x@y.example", "Mot de passe": "whatever-it-takes"})
    assert confirm_by_link(world, Browser(), email).heading == "Ce compte est associé"


def test_five_wrong_passwords_with_the_right_address_void_the_attempt(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "cinq")
    page = Browser().get(world.mailed_link(email))
    for _ in range(4):
        page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": "not-this-one-either"})
        assert "Adresse e-mail ou mot de passe invalide" in page.alert
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": "not-this-one-either"})
    assert page.status == 410
    assert Browser().get(world.mailed_link(email)).status == 410
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page.follow("Plus tard")).id_claims["acr"] == "legacy", "the printed code still works"


def test_of_twenty_simultaneous_wrong_passwords_five_are_checked(world: World) -> None:
    _, email, _, _ = _waiting(world, "course")
    pages = [Browser().get(world.mailed_link(email)) for _ in range(20)]
    values = {"Adresse e-mail": email, "Mot de passe": "wrong-every-single-time"}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda page: page.submit("Connexion", **values).status, pages))
    assert set(statuses) == {200, 410}
    assert 1 <= statuses.count(200) <= 4, "at most four are told that it was wrong, all others that it is over"
    assert world.checked_passwords(email) == 5, "no sixth password is ever checked"


def test_two_clicks_on_confirm_make_one_link_and_no_error(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "double")
    page = Browser().get(world.mailed_link(email))
    review = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    cookies = dict(review.browser.http.cookies)
    assert review.submit("Confirmer").heading == "Ce compte est associé"
    again = Browser()
    again.http.cookies.update(cookies)
    assert Page(again, review.response).submit("Confirmer").heading == "Ce compte est associé"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1


def test_two_devices_that_confirm_at_once_make_one_link(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "ensemble")
    values = {"Adresse e-mail": email, "Mot de passe": PASSWORD}
    reviews = [Browser().get(world.mailed_link(email)).submit("Connexion", **values) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda page: page.submit("Confirmer"), reviews))
    assert [page.heading for page in pages].count("Ce compte est associé") == 1
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1
    world.ledger_is_whole()


def test_two_attempts_for_one_address_at_two_accounts_both_end_well(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email, reviews = f"deuxcomptes@{syndic.slug}.example", []
    for account in syndic.accounts[:2]:
        _, page = legacy_sign_in(Browser(), syndic, account)
        until_waiting(page, email)
        world.work()
        page = Browser().get(world.mailed_link(email))
        reviews.append(page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD}))
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda page: page.submit("Confirmer"), reviews))
    for page in pages:
        if page.heading != "Ce compte est associé":  # the address got its identity a moment before
            page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})  # noqa: PLW2901 - the page that comes next
            assert page.submit("Confirmer").heading == "Ce compte est associé"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 2


def test_a_used_an_expired_and_a_corrected_link_say_so(world: World) -> None:
    _, email, _, _ = _waiting(world, "utilise")
    link = world.mailed_link(email)
    confirm_by_link(world, Browser(), email)
    assert "Ce lien a déjà été utilisé." in Browser().get(link).text
    _, email, _, waiting = _waiting(world, "corrige")
    link = world.mailed_link(email)
    waiting.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": "autre@" + email.split("@")[1]})
    assert "Ce lien n'est plus valable." in Browser().get(link).text
    _, email, _, _ = _waiting(world, "vieux")
    link = world.mailed_link(email)
    world.later(days=8)
    assert "Ce lien a expiré." in Browser().get(link).text
    assert "Ce lien n'est plus valable." in Browser().get(f"{world.base}/confirm/{'x' * 43}").text


def test_not_me_on_the_spot_ends_the_attempt_and_makes_nothing(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "pasmoi")
    values = {"Adresse e-mail": email, "Mot de passe": PASSWORD}
    review = Browser().get(world.mailed_link(email)).submit("Connexion", **values)
    assert syndic.name in review.text
    assert "…0000" in review.text
    review.submit("Ce n'est pas moi")
    assert Browser().get(world.mailed_link(email)).status == 410
    assert "Mot de passe invalide" in sign_in(RelyingParty(syndic).begin(Browser()), email, PASSWORD).alert
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert page.has("a", "Plus tard"), "the printed code still works"
    assert party.complete(page.follow("Plus tard")).id_claims["acr"] == "legacy"


def test_the_code_needs_the_browser_of_the_attempt_and_five_tries_at_most(world: World) -> None:
    syndic, email, _, waiting = _waiting(world, "code5")
    code = world.mailed_code(email)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    stranger = Browser()
    _, page = legacy_sign_in(stranger, syndic, syndic.accounts[1])
    theirs = until_waiting(page, f"autre@{syndic.slug}.example")
    assert "Ce code n'est pas le bon." in theirs.submit("Valider", **{"Code reçu par e-mail": code}).alert
    for typed in ("1234", "abcdefgh", ""):
        waiting.submit("Valider", **{"Code reçu par e-mail": typed})  # malformed entries are no tries
    for _ in range(5):
        assert "Ce code n'est pas le bon." in waiting.submit("Valider", **{"Code reçu par e-mail": wrong}).alert
    over = waiting.submit("Valider", **{"Code reçu par e-mail": code})
    assert "Ce code n'est plus valable." in over.text


def test_the_mail_can_be_sent_again_after_a_minute_and_both_links_work(world: World) -> None:
    _, email, browser, waiting = _waiting(world, "encore")
    first = world.mailed_link(email)
    assert not waiting.has("button", "Renvoyer le mail") or waiting.button("Renvoyer le mail").has_attr("disabled")
    world.later(seconds=61)
    browser.get(waiting.url).submit("Renvoyer le mail")
    world.work()
    assert len(world.mails_to(email)) == 2
    assert world.mailed_link(email) != first
    page = Browser().get(first).submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    assert page.submit("Confirmer").heading == "Ce compte est associé"


def test_the_mail_names_no_person_syndic_or_identifier(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "discret")
    mail = world.mails_to(email)[0]
    account = syndic.accounts[0]
    assert mail.subject == "Confirmez votre adresse e-mail"
    for told in (syndic.name, syndic.slug.upper(), account.holder, "Dupont", account.identifier, "Appt 12"):
        assert told not in mail.text + (mail.html or ""), f"the mail must not hold {told!r}"
    assert (mail.html or "").count("/confirm/") == 1


def test_the_address_that_the_syndic_knew_is_told_of_another_one(world: World) -> None:
    syndic, email, _, _ = _waiting(world, "nouvelle")
    confirm_by_link(world, Browser(), email)
    world.work()
    known = syndic.accounts[0].email
    assert known is not None
    told = world.mails_to(known)
    assert len(told) == 1
    assert email not in told[0].text, "the new address is not told to the old one"


def test_a_reset_never_activates_a_pending_attempt(world: World) -> None:
    syndic, email, _, waiting = _waiting(world, "attente")
    page = RelyingParty(syndic).begin(Browser()).follow("Mot de passe oublié ?")
    page.submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    newest = world.mails_to(email)[0]
    assert "/reset/" not in newest.text, "the address has no identity: its owner is told how to get one"
    assert waiting.browser.get(waiting.url).heading == "Vous êtes maintenant connecté"


def test_rivals_end_when_one_attempt_is_confirmed(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    mine, theirs = f"mien@{syndic.slug}.example", f"autre@{syndic.slug}.example"
    for email in (mine, theirs):
        _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
        until_waiting(page, email)
    world.work()
    link = world.mailed_link(theirs)
    confirm_by_link(world, Browser(), mine)
    assert Browser().get(link).status == 410


@pytest.mark.parametrize("step", ["profile", "terms", "waiting"])
def test_steps_in_the_wrong_order_say_what_to_do(world: World, step: str) -> None:
    syndic = world.syndic(**REQUIRED)
    browser = Browser()
    legacy_sign_in(browser, syndic, syndic.accounts[0])
    page = browser.get(f"{syndic.issuer}/association/{step}")
    assert page.status == 400
    assert "Repartez" in page.text or "Reprenez" in page.text


def test_the_attempts_own_sign_in_stays_to_its_end_and_other_legacy_ones_die(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    account, email = syndic.accounts[0], f"fin@{syndic.slug}.example"
    other = Browser()
    other_party, page = legacy_sign_in(other, syndic, account)
    elsewhere = other_party.complete(page.follow("Plus tard"))
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, account)
    waiting = until_waiting(page, email)
    mine = party.complete(waiting.follow("Accéder à mon espace client"))
    confirm_by_link(world, Browser(), email)
    assert party.userinfo(mine.access_token).status_code == 200, "the owner stays inside"
    assert other_party.userinfo(elsewhere.access_token).status_code == 401, "whoever else used the code is out"
    assert RelyingParty(syndic).begin(other).heading == "Mon compte immobilier"


def test_a_legacy_secret_never_opens_an_identity(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    account, email = syndic.accounts[0], f"jamais@{syndic.slug}.example"
    associate(world, syndic, account, email)
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, account)
    assert party.complete(page).id_claims["acr"] == "legacy", "the policy keeps the code alive"
    assert browser.get(f"{world.base}/account/accounts").heading == "Mon compte immobilier"


def test_a_proof_of_one_mailbox_never_confirms_another_address(world: World) -> None:
    syndic, mine, _, waiting = _waiting(world, "attaquant")
    review = waiting.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(mine)})
    assert review.has("button", "Confirmer"), "the attacker's own mailbox is proved"
    victim = f"victime@{syndic.slug}.example"
    waiting.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": victim})
    assert review.submit("Confirmer").status == 410
    assert "Mot de passe invalide" in sign_in(RelyingParty(syndic).begin(Browser()), victim, PASSWORD).alert
