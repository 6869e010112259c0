"""From the proof to « Ce compte est associé »: what the page names, and where each way ends (JOURNEYS B6 to B9)."""

import pytest

from tests.browser import Browser
from tests.journeys.association.beginnings import review, waiting
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
from tests.world import World


def test_the_question_names_both_sides_and_restates_the_terms_with_their_text(world: World) -> None:
    begun = waiting(world, "question")
    page = review(world, begun.email)
    for named in (f"…{begun.account.identifier[-4:]}", begun.syndic.name, begun.email):
        assert named in page.text
    assert "Conditions Générales d'Utilisation de la plateforme, version 2026-11, le " in page.text
    text = page.follow("Relire les conditions")
    assert "Version 2026-11" in text.text
    assert len(text.text) > 2000, "the text in full"
    assert text.follow("Revenir à l'étape en cours").submit("Confirmer").heading == "Ce compte est associé"


def test_the_accepted_terms_are_shown_to_the_browser_of_the_proof_only(world: World) -> None:
    begun = waiting(world, "conditions")
    review(world, begun.email)
    assert Browser().get(f"{world.base}/confirm/terms").status == 410


def test_an_account_that_is_linked_already_says_so_calmly_and_stays_linked(world: World) -> None:
    begun = waiting(world, "deja", legacy_disable="never")
    other = Browser()
    _, page = legacy_sign_in(other, begun.syndic, begun.account)
    until_waiting(page, begun.email)
    confirm_by_link(world, Browser(), begun.email)
    _, page = legacy_sign_in(other, begun.syndic, begun.account, prompt="login")
    until_waiting(page, begun.email)
    world.work()
    page = review(world, begun.email).submit("Confirmer")
    assert page.status == 409
    assert page.heading == "Ce compte est déjà associé"
    assert page.has("a", "Mes comptes"), "it says where to go"
    assert len(email_sign_in(begun.syndic, begun.email).userinfo["accounts"]) == 1
    party, page = legacy_sign_in(Browser(), begun.syndic, begun.account)
    assert party.complete(page.follow("Plus tard")).id_claims["acr"] == "legacy", "the account is free"


def test_a_code_for_an_address_that_has_an_identity_by_then_asks_for_its_password_here(world: World) -> None:
    begun = waiting(world, "entretemps")
    code = world.mailed_code(begun.email)
    associate(world, begun.syndic, begun.syndic.accounts[1], begun.email, "girafe-nuage-bouton-soleil")
    page = begun.page.submit("Valider", **{"Code reçu par e-mail": code})
    assert page.heading == "Confirmez votre adresse e-mail", "first its own password"
    wrong = page.submit("Connexion", **{"Adresse e-mail": begun.email, "Mot de passe": PASSWORD})
    assert "invalide" in wrong.alert, "the attempt's own password counts no more"
    right = wrong.submit("Connexion", **{"Adresse e-mail": begun.email, "Mot de passe": "girafe-nuage-bouton-soleil"})
    assert right.submit("Confirmer").heading == "Ce compte est associé"


@pytest.mark.parametrize("typed", ["", " ", "\u00a0"])
def test_an_empty_password_or_another_address_is_no_try(world: World, typed: str) -> None:
    begun = waiting(world, "vide")
    page = Browser().get(world.mailed_link(begun.email))
    for _ in range(7):
        page = page.submit("Connexion", **{"Adresse e-mail": begun.email, "Mot de passe": ""})
        page = page.submit("Connexion", **{"Adresse e-mail": f"x{typed}@y.example", "Mot de passe": "quoi-que-ce-soit"})
        assert page.status == 200
    assert world.checked_passwords(begun.email) == 0
    page = page.submit("Connexion", **{"Adresse e-mail": begun.email, "Mot de passe": PASSWORD})
    assert page.has("button", "Confirmer")


def test_a_forgotten_password_is_answered_by_what_to_do(world: World) -> None:
    begun = waiting(world, "oubli")
    page = Browser().get(world.mailed_link(begun.email))
    page = page.submit("Connexion", **{"Adresse e-mail": begun.email, "Mot de passe": "je-ne-sais-plus-lequel"})
    assert "recommencez depuis votre espace client avec vos anciens identifiants" in page.alert


def test_once_confirmed_elsewhere_the_first_browsers_link_completes_the_sign_in(world: World) -> None:
    begun = waiting(world, "ailleurs")
    confirm_by_link(world, Browser(), begun.email)
    done = begun.browser.get(begun.page.url)
    assert done.heading == "Ce compte est associé"
    assert "code=" in done.follow("Accéder à mon espace client").url


def test_where_the_sign_in_has_ended_that_link_leads_to_the_login_page(world: World) -> None:
    begun = waiting(world, "fini")
    confirm_by_link(world, Browser(), begun.email)
    done = begun.browser.get(begun.page.url)
    world.later(hours=13)
    page = begun.browser.get(done.url)
    assert page.heading == "Ce compte est associé"
    page = page.follow("Accéder à mon espace client")
    assert page.heading == "Mon compte immobilier", "the way on is the login page"
    party = RelyingParty(begun.syndic)
    again = sign_in(party.begin(Browser()), begun.email, PASSWORD)
    assert party.complete(again).id_claims["acr"] == "password"


@pytest.mark.parametrize(
    ("fate", "said", "then"),
    [
        ("expired", "Ce lien a expiré.", "demandez un nouveau mail"),
        ("used", "Ce lien a déjà été utilisé.", "connectez-vous avec votre adresse e-mail"),
        ("void", "Ce lien n'est plus valable.", "repartez de votre espace client"),
    ],
)
def test_a_link_that_leads_nowhere_says_why_and_what_to_do(world: World, fate: str, said: str, then: str) -> None:
    begun = waiting(world, fate)
    link = world.mailed_link(begun.email)
    if fate == "expired":
        world.later(days=7, minutes=1)
    elif fate == "used":
        confirm_by_link(world, Browser(), begun.email)
    else:
        review(world, begun.email).submit("Ce n'est pas moi")
    page = Browser().get(link)
    assert page.status == 410
    assert said in page.alert
    assert then in page.text


def test_the_mail_is_in_the_language_of_the_owner(world: World) -> None:
    syndic = world.syndic()
    email = f"english@{syndic.slug}.example"
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], acr_values="password")
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": email})
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD, "Langue": "en"})
    page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    assert world.mails_to(email)[0].subject == "Confirm your e-mail address"
