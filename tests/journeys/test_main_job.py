"""The main job: from the code on a bill to an e-mail and a password, the old identifier disabled at its source."""

from typing import Any

from tests.browser import Browser
from tests.journeys.steps import (
    PASSWORD,
    associate,
    confirm_by_code,
    confirm_by_link,
    email_sign_in,
    legacy_sign_in,
    sign_in,
    until_waiting,
)
from tests.relying_party import RelyingParty
from tests.world import World

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


def test_an_owner_goes_from_printed_code_to_password_by_the_mailed_link_on_another_device(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    account, email = syndic.accounts[0], f"jeanne@{syndic.slug}.example"
    home, phone = Browser(), Browser()
    party, page = legacy_sign_in(home, syndic, account)
    assert page.heading == "Votre accès à l'espace client évolue !"
    waiting = until_waiting(page, email)

    before = party.complete(waiting.follow("Accéder à mon espace client"))
    assert before.id_claims["acr"] == "legacy"
    assert before.userinfo["account"]["identifier"] == account.identifier

    done = confirm_by_link(world, phone, email)
    assert done.heading == "Ce compte est associé"
    assert home.get(waiting.url).heading == "Ce compte est associé", "the first browser moves on too"
    world.work()

    after = email_sign_in(syndic, email)
    assert after.id_claims["acr"] == "password"
    assert after.id_claims["sub"] == before.id_claims["sub"], "nothing changes for the extranet at migration"
    assert after.userinfo["account"] == before.userinfo["account"]


def test_the_typed_code_in_the_same_browser_completes_the_sign_in_as_password(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email, browser = f"code@{syndic.slug}.example", Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    done = confirm_by_code(world, until_waiting(page, email), email)
    assert done.heading == "Ce compte est associé"
    tokens = party.complete(done.follow("Accéder à mon espace client"))
    assert tokens.id_claims["acr"] == "password"


def test_the_retired_identifier_tells_its_holder_what_to_do_and_a_stranger_nothing(world: World) -> None:
    syndic = world.syndic()
    account, email = syndic.accounts[0], f"b12@{syndic.slug}.example"
    associate(world, syndic, account, email)
    _, page = legacy_sign_in(Browser(), syndic, account)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert
    assert email not in page.text
    page = page.follow("Je n'ai pas choisi d'adresse").submit("Prévenir mon agence")
    assert "Votre agence est prévenue" in page.text
    world.work()
    told = world.mails_to(f"contact@{syndic.slug}.example")
    assert [account.identifier in mail.text for mail in told] == [True], "the syndic is told of its own account"
    assert email not in told[0].text, "and never of the address"
    assert email_sign_in(syndic, email).id_claims["acr"] == "password", "nothing is suspended"
    wrong = sign_in(RelyingParty(syndic).begin(Browser()), account.identifier, "not-the-code")
    assert "Mot de passe invalide" in wrong.alert
    assert "ne peut plus être utilisé" not in wrong.alert


def test_my_accounts_says_when_the_former_identifiers_are_disabled(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email, browser = f"b11@{syndic.slug}.example", Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    confirm_by_code(world, until_waiting(page, email), email)
    assert "Vos anciens identifiants seront désactivés." in browser.get(f"{world.base}/account/accounts").text
    world.work()
    assert "Vos anciens identifiants sont désactivés." in browser.get(f"{world.base}/account/accounts").text


def test_a_second_account_of_the_same_syndic_joins_with_the_same_password(world: World) -> None:
    syndic = world.syndic(accounts=3)
    email = f"deux@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    associate(world, syndic, syndic.accounts[1], email)
    accounts = email_sign_in(syndic, email).userinfo["accounts"]
    assert [each["identifier"] for each in accounts] == [row.identifier for row in syndic.accounts[:2]]


def test_an_account_of_a_stranger_syndic_is_refused_after_the_proof_and_keeps_its_code(world: World) -> None:
    one, stranger = world.syndic(), world.syndic()
    email = f"etranger@{one.slug}.example"
    associate(world, one, one.accounts[0], email)
    browser = Browser()
    _, page = legacy_sign_in(browser, stranger, stranger.accounts[0], acr_values="password")
    waiting = until_waiting(page, email)
    world.work()
    page = waiting.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    page = page.submit("Confirmer")
    assert "Vos biens sont gérés par des syndics qui ne sont pas partenaires." in page.text
    assert page.has("a", "Utiliser une autre adresse")
    party, page = legacy_sign_in(Browser(), stranger, stranger.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy", "the legacy credentials stay valid"


def test_partners_share_one_identity(world: World) -> None:
    one, partner = world.syndic(), world.syndic()
    world.trust(one.slug, partner.slug)
    email = f"partenaires@{one.slug}.example"
    associate(world, one, one.accounts[0], email)
    associate(world, partner, partner.accounts[0], email)
    at_one, at_partner = email_sign_in(one, email), email_sign_in(partner, email)
    assert at_one.id_claims["sub"] != at_partner.id_claims["sub"], "issuers share no subject"
    assert at_one.userinfo["person"] != at_partner.userinfo["person"], "nor the person's pairwise name"


def test_past_the_deadline_an_attempt_must_be_made_and_then_lets_the_owner_in(world: World) -> None:
    past: dict[str, Any] = {"association_policy": "required", "association_deadline": "2020-01-01T00:00:00+00:00"}
    syndic = world.syndic(**past)
    browser = Browser()
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    assert page.heading == "Votre accès à l'espace client évolue !"
    assert not page.has("a", "Plus tard")
    assert party.begin(browser).heading == "Votre accès à l'espace client évolue !", "going back does not let in"
    waiting = until_waiting(browser.get(page.url), f"retard@{syndic.slug}.example")
    assert party.complete(waiting.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"


def test_later_lets_the_owner_in_before_the_deadline(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page.follow("Plus tard")).id_claims["acr"] == "legacy"


def test_the_known_address_is_shown_masked_and_taken_when_the_field_stays_empty(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    page = page.submit("Étape suivante")
    known = syndic.accounts[0].email
    assert known is not None
    assert f"{known[0]}•••@orange.fr" in page.text
    assert known not in page.response.text
    page = page.submit("Continuer")
    assert known in page.text


def test_a_likely_typo_is_asked_back(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": "jeanne@gmial.com"})
    assert "Vouliez-vous dire" in page.text
    assert "jeanne@gmail.com" in page.submit("Corriger").text


def test_smtp_down_keeps_the_mail_until_it_is_up(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email, browser = f"panne@{syndic.slug}.example", Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    waiting = until_waiting(page, email)
    with world.smtp_down():
        world.work()
    assert not world.mails_to(email)
    world.later(minutes=2)
    world.work()
    assert confirm_by_code(world, waiting, email).heading == "Ce compte est associé"
