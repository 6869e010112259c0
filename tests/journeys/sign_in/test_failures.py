"""The login page: what it says after a failure, to the letter, and the same for names that nobody bears."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World

LEFT = [
    "Il vous reste 4 tentatives avant que votre compte ne se verrouille.",
    "Il vous reste 3 tentatives avant que votre compte ne se verrouille.",
    "Il vous reste 2 tentatives avant que votre compte ne se verrouille.",
    "Il vous reste 1 tentative avant que votre compte ne se verrouille.",
]
LOCKED = (
    "Suite à un nombre élevé de tentatives de connexion infructueuses, votre compte a été verrouillé. Pour le "
    'débloquer, merci de réinitialiser votre mot de passe, en cliquant sur le lien "Mot de passe oublié"'
)
LEGACY_LOCKED = "Trop de tentatives. Réessayez dans 15 minutes ou contactez votre agence."


def fail(page: Page, name: str, times: int) -> list[str]:
    """Type a wrong password that many times. Returns what is said each time."""
    alerts = []
    for _ in range(times):
        page = sign_in(page, name, "wrong-password-for-sure")
        alerts.append(page.alert)
    return alerts


def test_the_login_page_is_the_syndics_with_everything_that_a2_promises(world: World) -> None:
    syndic = world.syndic(accounts=0, colour="#2e7d32", contact={"phone": "04 74 00 00 00", "hours": "9 h à 17 h"})
    page = RelyingParty(syndic).begin(Browser())
    assert page.heading == "Mon compte immobilier"
    assert syndic.name in page.text
    assert "#2e7d32" in page.response.text
    assert page.field("Adresse e-mail ou identifiant")["autocomplete"] == "username"
    assert page.field("Mot de passe")["autocomplete"] == "current-password"
    assert page.field("Garder ma session active")["type"] == "checkbox"
    assert "Première connexion ? Vos codes sont sur votre appel de fonds." in page.text
    assert page.link("Mot de passe oublié ?")
    assert "04 74 00 00 00" in page.follow("Besoin d'aide pour se connecter ?").text


def test_failures_count_down_and_lock_alike_for_known_and_unknown_addresses(world: World) -> None:
    syndic = world.syndic()
    known, unknown = f"a6@{syndic.slug}.example", f"personne@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], known)
    said = [fail(RelyingParty(syndic).begin(Browser()), name, 6) for name in (known, unknown)]
    assert said[0] == said[1], "nobody learns whether an address is known"
    assert said[0] == [*[f"Mot de passe invalide {left}" for left in LEFT], LOCKED, LOCKED]


def test_failures_count_down_and_lock_alike_for_known_and_unknown_identifiers(world: World) -> None:
    syndic = world.syndic()
    said = [fail(RelyingParty(syndic).begin(Browser()), n, 6) for n in (syndic.accounts[0].identifier, "99999999")]
    assert said[0] == said[1], "nobody learns which identifiers exist"
    assert said[0][:4] == [f"Mot de passe invalide {left}" for left in LEFT]
    assert said[0][4:] == [LEGACY_LOCKED, LEGACY_LOCKED]


def test_a_locked_identifier_refuses_its_right_code_and_opens_after_a_quarter_of_an_hour(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    page = RelyingParty(syndic).begin(Browser())
    fail(page, account.identifier, 5)
    assert sign_in(page, account.identifier, account.password).alert == LEGACY_LOCKED
    world.later(minutes=16)
    party, page = legacy_sign_in(Browser(), syndic, account)
    assert party.complete(page).id_claims["acr"] == "legacy"


def test_a_success_sets_the_counter_to_zero(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    page = RelyingParty(syndic).begin(Browser())
    fail(page, account.identifier, 4)
    legacy_sign_in(Browser(), syndic, account)
    assert fail(page, account.identifier, 1) == [f"Mot de passe invalide {LEFT[0]}"]


def test_the_name_stays_filled_and_the_password_does_not(world: World) -> None:
    syndic = world.syndic()
    page = sign_in(RelyingParty(syndic).begin(Browser()), "jeanne@orange.fr", "a-wrong-password")
    assert page.field("Adresse e-mail ou identifiant")["value"] == "jeanne@orange.fr"
    assert "a-wrong-password" not in page.response.text


@pytest.mark.parametrize("typed", [" 1000 0000 ", "１０００００００", "10000000\u00a0"])
def test_an_identifier_is_the_same_however_it_is_typed(world: World, typed: str) -> None:
    syndic = world.syndic(accounts=1)
    party = RelyingParty(syndic)
    page = sign_in(party.begin(Browser()), typed, syndic.accounts[0].password)
    assert party.complete(page).userinfo["account"]["identifier"] == "10000000"


def test_of_forty_simultaneous_wrong_passwords_four_are_told_and_the_others_locked(world: World) -> None:
    syndic = world.syndic()
    name = f"course@{syndic.slug}.example"
    pages = [RelyingParty(syndic).begin(Browser()) for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        alerts = list(pool.map(lambda page: sign_in(page, name, "wrong-password-for-sure").alert, pages))
    told = sorted(alert for alert in alerts if alert != LOCKED)
    assert told == sorted(f"Mot de passe invalide {left}" for left in LEFT), "five are checked, no sixth ever is"


def test_a_forgotten_password_is_reset_by_mail_and_unlocks(world: World) -> None:
    syndic = world.syndic()
    email, fresh = f"oubli@{syndic.slug}.example", "nuage-girafe-bouton-soleil"
    browser = associate(world, syndic, syndic.accounts[0], email)
    page = RelyingParty(syndic).begin(Browser())
    fail(page, email, 5)
    asked = page.follow("Mot de passe oublié ?").submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    link = world.mailed_link(email)
    done = Browser().get(link).submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": fresh})
    assert done.status == 200, done.text
    assert syndic.name in done.text, "after a recovery the owner sees what the password opens (SECURITY R3)"
    assert email_sign_in(syndic, email, fresh).id_claims["acr"] == "password"
    assert fresh != PASSWORD
    assert browser.get(f"{world.base}/account/accounts").heading == "Mon compte immobilier", "every session has ended"
    assert Browser().get(link).status == 410, "the link works once"
    unknown = page.follow("Mot de passe oublié ?").submit("Envoyer le lien", **{"Adresse e-mail": "x@y.example"})
    assert unknown.text == asked.text, "the same answer for every address"


def test_an_unknown_syndics_page_is_a_404_that_names_no_other(world: World) -> None:
    syndic = world.syndic(accounts=0)
    page = Browser().get(f"{world.base}/t/no-such-agency/login")
    assert page.status == 404
    assert syndic.name not in page.response.text
    assert page.text.count("Cette adresse ne correspond à aucune agence.") >= 1


def test_an_unreachable_source_is_said_as_such_and_costs_no_attempt(world: World) -> None:
    syndic = world.syndic(accounts=0, connector_url="http://127.0.0.1:9/legacy")
    page = RelyingParty(syndic).begin(Browser())
    for _ in range(7):
        page = sign_in(page, "10000000", "whatever")
        assert page.alert == "Le service de votre syndic ne répond pas. Réessayez dans quelques minutes."
        assert page.response.headers["Retry-After"] == "10", "a 503 says when to come back"
        assert page.status == 503


def test_a_suspended_syndic_signs_nobody_in(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    tokens = party.complete(page)
    world.suspend(syndic)
    assert party.userinfo(tokens.access_token).status_code in {401, 404}
    assert Browser().get(f"{syndic.issuer}/login").status == 404
