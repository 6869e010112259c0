"""An attempt goes on where its owner left it, in the browser that began it and nowhere else (JOURNEYS B1, B10)."""

import pytest

from tests.browser import Browser, Page
from tests.journeys.association.beginnings import PAST, review, waiting
from tests.journeys.steps import PASSWORD, confirm_by_link, legacy_sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World

WAITING = "Vous êtes maintenant connecté"


def _leave(browser: Browser, how: str, issuer: str) -> None:
    """The sign-in ends, in one way or another."""
    if how == "logged out":
        browser.get(f"{issuer}/end_session").submit("Se déconnecter")


@pytest.mark.parametrize("how", ["signed in again", "logged out"])
def test_the_same_browser_goes_on_with_its_attempt_after_another_sign_in(world: World, how: str) -> None:
    begun = waiting(world, "reprise")
    _leave(begun.browser, how, begun.syndic.issuer)
    _, page = legacy_sign_in(begun.browser, begun.syndic, begun.account, prompt="login")
    assert begun.email in page.text, "it is told what it had begun"
    page = page.submit("Étape suivante")
    assert page.field("Adresse e-mail")["value"] == begun.email, "nothing has to be typed again"
    page = page.submit("Continuer")
    assert page.heading == WAITING, "the earlier steps are done"
    world.work()
    assert len(world.mails_to(begun.email)) == 1, "going on sends no second mail"
    assert confirm_by_link(world, Browser(), begun.email).heading == "Ce compte est associé"
    assert begun.browser.get(page.url).heading == "Ce compte est associé", "its page moves on"


def test_the_same_browser_may_choose_another_address_and_the_former_links_die(world: World) -> None:
    begun = waiting(world, "autre")
    former = world.mailed_link(begun.email)
    _, page = legacy_sign_in(begun.browser, begun.syndic, begun.account, prompt="login")
    another = "nouvelle-" + begun.email
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": another})
    assert page.heading == WAITING
    assert "Ce lien n'est plus valable." in Browser().get(former).text
    assert confirm_by_link(world, Browser(), another).heading == "Ce compte est associé"


def test_another_browser_with_the_same_code_learns_nothing_of_the_attempt_and_begins_its_own(world: World) -> None:
    begun = waiting(world, "premiere")
    stranger = Browser()
    _, page = legacy_sign_in(stranger, begun.syndic, begun.account)
    while page.heading != WAITING:
        assert begun.email not in page.response.text, f"{page.url} tells a stranger the address"
        page = _next(page, f"seconde@{begun.syndic.slug}.example")
    assert begun.email not in page.response.text
    assert Browser().get(world.mailed_link(begun.email)).status == 200, "the first attempt is untouched"
    assert confirm_by_link(world, Browser(), begun.email).heading == "Ce compte est associé"


def test_the_cookie_of_an_attempt_is_worth_nothing_without_the_accounts_code(world: World) -> None:
    begun = waiting(world, "cookie")
    _, page = legacy_sign_in(begun.browser, begun.syndic, begun.syndic.accounts[1], prompt="login")
    assert begun.email not in page.response.text, "another account in the same browser has its own attempt"
    thief = Browser()
    thief.http.cookies.update({c.name: c.value or "" for c in begun.browser.http.cookies.jar if "attempt" in c.name})
    for step in ("", "/email", "/profile", "/waiting", "/done"):
        assert begun.email not in thief.get(f"{begun.syndic.issuer}/association{step}").response.text


def test_past_the_deadline_every_sign_in_goes_through_an_attempt_and_nobody_is_shut_out(world: World) -> None:
    begun = waiting(world, "retard", **PAST)
    party = RelyingParty(begun.syndic)
    assert party.complete(party.begin(begun.browser)).id_claims["acr"] == "legacy", "B6 lets in"
    party, page = legacy_sign_in(begun.browser, begun.syndic, begun.account, prompt="login")
    assert page.heading == "Votre accès à l'espace client évolue !", "the next sign-in is asked again"
    assert not page.has("a", "Plus tard")
    page = page.submit("Étape suivante").submit("Continuer")
    assert party.complete(page.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy", "and let in"


def test_past_the_deadline_an_attempt_that_was_given_up_has_let_its_sign_in_in(world: World) -> None:
    begun = waiting(world, "abandon", **PAST)
    review(world, begun.email).submit("Ce n'est pas moi")
    party = RelyingParty(begun.syndic)
    assert party.complete(party.begin(begun.browser)).id_claims["acr"] == "legacy", "whatever became of its mail"
    page = begun.browser.get(begun.page.url)
    assert page.has("a", "Accéder à mon espace client")
    again = until_waiting(page.follow("Recommencer"), "encore-" + begun.email)
    assert again.heading == WAITING, "and another one can be begun"


def test_past_the_deadline_a_refused_mail_lets_the_owner_in(world: World) -> None:
    syndic = world.syndic(**PAST)
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    with world.smtp_down():
        page = until_waiting(page, f"injoignable@{syndic.slug}.example")
        world.work()
        assert party.complete(page.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"


def test_a_draft_goes_on_with_what_was_typed(world: World) -> None:
    syndic = world.syndic()
    browser, email = Browser(), f"brouillon@{syndic.slug}.example"
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0], acr_values="password")
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": email})
    page.submit("Continuer", **{"Mot de passe": PASSWORD, "Téléphone": "06 12 34 56 78"})
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0], acr_values="password", prompt="login")
    page = page.submit("Étape suivante").submit("Continuer")
    assert page.field("Téléphone")["value"] == "06 12 34 56 78"


def _next(page: Page, email: str) -> Page:
    if page.has("button", "Étape suivante"):
        return page.submit("Étape suivante")
    fields = {
        "Votre adresse e-mail": {"Adresse e-mail": email},
        "Informations personnelles": {"Mot de passe": PASSWORD},
        "Conditions Générales d'Utilisation": {"J'ai lu et j'accepte les présentes conditions": "on"},
    }
    return page.submit("Continuer", **fields[page.heading])
