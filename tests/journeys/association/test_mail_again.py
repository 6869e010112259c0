"""« Renvoyer le mail », « Corriger l'adresse » and the caps on mail, as owners and strangers meet them (B6, R15)."""

from concurrent.futures import ThreadPoolExecutor

from tests.browser import Browser, Page
from tests.journeys.association.beginnings import PAST, Waiting, waiting
from tests.journeys.steps import confirm_by_code, legacy_sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World


def _again(world: World, begun: Waiting) -> Page:
    page = begun.browser.get(begun.page.url).submit("Renvoyer le mail")
    world.work()
    return page


def test_the_page_says_until_when_link_and_code_are_valid(world: World) -> None:
    begun = waiting(world, "validite")
    assert "Le lien du mail est valable jusqu'au" in begun.page.text
    assert "Le code est valable jusqu'au" in begun.page.text


def test_before_a_minute_has_passed_the_page_says_to_wait(world: World) -> None:
    begun = waiting(world, "minute")
    refused = _again(world, begun)
    assert refused.status == 429
    assert "Attendez une minute" in refused.alert
    assert refused.heading == "Vous êtes maintenant connecté", "the page stays the same otherwise"
    assert len(world.mails_to(begun.email)) == 1


def test_five_times_a_day_and_then_again_the_next_day(world: World) -> None:
    begun = waiting(world, "cinqfois")
    for number in range(5):
        world.later(minutes=2 * (number + 1))
        assert _again(world, begun).status == 200
    world.later(minutes=30)
    refused = _again(world, begun)
    assert refused.status == 429
    assert "réessayez demain" in refused.alert
    assert len(world.mails_to(begun.email)) == 6, "the first one, and five times again"
    world.later(hours=10)
    assert _again(world, begun).status == 429
    world.later(hours=25)
    _, page = legacy_sign_in(begun.browser, begun.syndic, begun.account)
    page = page.submit("Étape suivante").submit("Continuer")
    assert page.submit("Renvoyer le mail").status == 200, "a day later it goes on"
    world.work()
    assert confirm_by_code(world, begun.browser.get(page.url), begun.email).heading == "Ce compte est associé"


def test_two_clicks_at_once_send_one_mail(world: World) -> None:
    begun = waiting(world, "deuxclics")
    world.later(minutes=2)
    pages = [begun.browser.get(begun.page.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda page: page.submit("Renvoyer le mail").status, pages))
    world.work()
    assert sorted(statuses) == [200, 429, 429, 429]
    assert len(world.mails_to(begun.email)) == 2


def test_an_address_that_has_got_enough_gets_no_more_and_its_owner_is_let_in_and_told(world: World) -> None:
    syndic = world.syndic(accounts=3, **PAST)
    email = f"submerge@{syndic.slug}.example"
    ask = RelyingParty(syndic).begin(Browser()).follow("Mot de passe oublié ?")
    answers = {ask.submit("Envoyer le lien", **{"Adresse e-mail": email}).text for _ in range(14)}
    world.work()
    assert len(answers) == 1, "whoever asks cannot tell whether a mail went out"
    assert len(world.mails_to(email)) == 10
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    page = until_waiting(page, email)
    world.work()
    assert len(world.mails_to(email)) == 10, "one cap over all purposes"
    assert "Cette adresse a déjà reçu beaucoup de mails aujourd'hui" in page.text
    inside = party.complete(page.follow("Accéder à mon espace client"))
    assert inside.id_claims["acr"] == "legacy", "nobody is shut out by a cap"
    world.later(hours=24, minutes=1)
    ask.submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    assert len(world.mails_to(email)) == 11, "a day later it goes on"


def test_correcting_to_an_address_that_has_got_enough_keeps_the_former_one(world: World) -> None:
    begun = waiting(world, "corrige")
    full = f"plein@{begun.syndic.slug}.example"
    ask = RelyingParty(begun.syndic).begin(Browser()).follow("Mot de passe oublié ?")
    for _ in range(10):
        ask.submit("Envoyer le lien", **{"Adresse e-mail": full})
    page = begun.page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": full})
    assert page.status == 429
    assert "réessayez demain" in page.alert
    assert begun.email in begun.browser.get(begun.page.url).text
    assert Browser().get(world.mailed_link(begun.email)).status == 200, "its link is alive"


def test_the_same_address_again_is_no_correction(world: World) -> None:
    begun = waiting(world, "meme")
    begun.page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": begun.email.upper()})
    world.work()
    assert len(world.mails_to(begun.email)) == 1
    assert Browser().get(world.mailed_link(begun.email)).status == 200
