"""A browser that somebody has signed in from before counts apart: no stranger shuts its owner out (JOURNEYS A7, A8)."""

from tests.browser import Browser
from tests.journeys.sign_in.test_failures import LEFT, LEGACY_LOCKED, LOCKED, fail
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_stranger_who_locks_an_address_shuts_out_neither_its_known_browser_nor_its_session(world: World) -> None:
    syndic = world.syndic()
    email = f"a7@{syndic.slug}.example"
    mine = associate(world, syndic, syndic.accounts[0], email)
    assert fail(RelyingParty(syndic).begin(Browser()), email, 6)[-1] == LOCKED
    assert mine.get(f"{world.base}/account/accounts").heading == "Mes comptes", "a lock ends no session"
    party = RelyingParty(syndic)
    page = sign_in(party.begin(mine, prompt="login"), email, PASSWORD)
    assert party.complete(page).id_claims["acr"] == "password", "the known browser has a counter of its own"
    assert sign_in(RelyingParty(syndic).begin(Browser()), email, PASSWORD).alert == LOCKED, "strangers stay locked"


def test_a_known_browser_has_five_attempts_of_its_own_and_a_reset_opens_both_locks(world: World) -> None:
    syndic = world.syndic()
    email, fresh = f"a7bis@{syndic.slug}.example", "nuage-girafe-bouton-soleil"
    mine = associate(world, syndic, syndic.accounts[0], email)
    said = fail(RelyingParty(syndic).begin(mine, prompt="login"), email, 6)
    assert said == [*[f"Mot de passe invalide {left}" for left in LEFT], LOCKED, LOCKED]
    stranger = RelyingParty(syndic).begin(Browser())
    assert fail(stranger, email, 5)[0] == f"Mot de passe invalide {LEFT[0]}", "the other counter is untouched"
    stranger.follow("Mot de passe oublié ?").submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    values = {"Adresse e-mail": email, "Nouveau mot de passe": fresh}
    assert Browser().get(world.mailed_link(email)).submit("Enregistrer", **values).status == 200
    for browser in (mine, Browser()):
        party = RelyingParty(syndic)
        page = sign_in(party.begin(browser, prompt="login"), email, fresh)
        assert party.complete(page).id_claims["acr"] == "password", "a reset unlocks everywhere"


def test_two_persons_of_one_browser_are_each_known_and_nobody_elses_name_profits(world: World) -> None:
    syndic = world.syndic(accounts=3)
    emails = [f"couple{number}@{syndic.slug}.example" for number in range(2)]
    shared = associate(world, syndic, syndic.accounts[0], emails[0])
    associate(world, syndic, syndic.accounts[1], emails[1])
    party = RelyingParty(syndic)
    party.complete(sign_in(party.begin(shared, prompt="login"), emails[1], PASSWORD))
    third = f"tiers@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[2], third)
    for name in (*emails, third):
        fail(RelyingParty(syndic).begin(Browser()), name, 5)
    for name in emails:
        party = RelyingParty(syndic)
        party.complete(sign_in(party.begin(shared, prompt="login"), name, PASSWORD))
    answer = sign_in(RelyingParty(syndic).begin(shared, prompt="login"), third, PASSWORD)
    assert answer.alert == LOCKED, "a name that never signed in here is not known here"


def test_a_known_browsers_cookie_serves_no_other_name(world: World) -> None:
    syndic = world.syndic()
    names = [f"a7{letter}@{syndic.slug}.example" for letter in "xy"]
    mine = associate(world, syndic, syndic.accounts[0], names[0])
    other = associate(world, syndic, syndic.accounts[1], names[1])
    held = {cookie.name: cookie.value for cookie in mine.http.cookies.jar if "device_" in cookie.name}
    theirs = next(
        cookie.name for cookie in other.http.cookies.jar if "device_" in cookie.name and cookie.name not in held
    )
    thief = Browser()
    thief.http.cookies.set(theirs, next(iter(held.values())) or "", domain="127.0.0.1")
    fail(RelyingParty(syndic).begin(Browser()), names[1], 5)
    assert sign_in(RelyingParty(syndic).begin(thief), names[1], PASSWORD).alert == LOCKED


def test_a_known_browser_signs_in_with_the_code_while_its_whole_network_is_locked_for_it(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    mine = Browser()
    party, page = legacy_sign_in(mine, syndic, account)
    party.complete(page)
    assert fail(RelyingParty(syndic).begin(Browser()), account.identifier, 6)[-1] == LEGACY_LOCKED
    party, page = legacy_sign_in(mine, syndic, account, prompt="login")
    assert party.complete(page).id_claims["acr"] == "legacy"


def test_strangers_of_another_network_do_not_lock_an_identifier(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    assert fail(RelyingParty(syndic).begin(Browser("127.0.7.1")), account.identifier, 6)[-1] == LEGACY_LOCKED
    party, page = legacy_sign_in(Browser("127.0.8.1"), syndic, account)
    assert party.complete(page).id_claims["acr"] == "legacy"
