"""Many names, or one from many places: who sprays is slowed, and nobody else (JOURNEYS A8, SECURITY R13)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from broker.identities import attempts
from tests.browser import Browser
from tests.journeys.sign_in.test_failures import LEFT, LEGACY_LOCKED, LOCKED, fail
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

SLOWED = f"De nombreux essais ont échoué depuis votre réseau. Réessayez dans {attempts.EASES_S} secondes."
SPRAYER, NEIGHBOUR, ELSEWHERE = "127.0.20.1", "127.0.20.77", "127.0.21.1"


def _spray(syndic: TestSyndic, names: int, address: str = SPRAYER) -> list[str]:
    page = RelyingParty(syndic).begin(Browser(address))
    return [sign_in(page, f"{77000000 + number}", "guess-guess-guess").alert for number in range(names)]


def test_a_spray_over_identifiers_slows_its_network_at_this_syndic_and_nobody_else(world: World) -> None:
    syndic, other = world.syndic(), world.syndic()
    at_home = Browser(NEIGHBOUR)
    party, page = legacy_sign_in(at_home, syndic, syndic.accounts[1])
    party.complete(page)
    said = _spray(syndic, attempts.BURST + 3)
    assert said[: attempts.BURST] == [f"Mot de passe invalide {LEFT[0]}"] * attempts.BURST
    assert said[attempts.BURST :] == [SLOWED] * 3, "from then on nothing is checked"
    account = syndic.accounts[0]
    slowed = sign_in(RelyingParty(syndic).begin(Browser(NEIGHBOUR)), account.identifier, account.password)
    assert (slowed.alert, slowed.status) == (SLOWED, 429), "an unknown browser of that network waits"
    for browser, at, who in (
        (at_home, syndic, syndic.accounts[1]),
        (Browser(ELSEWHERE), syndic, account),
        (Browser(NEIGHBOUR), other, other.accounts[0]),
    ):
        party, page = legacy_sign_in(browser, at, who, prompt="login")
        assert party.complete(page).id_claims["acr"] == "legacy", "known browsers, other networks, other syndics go on"


def test_a_slowed_network_gets_one_name_more_each_time_it_waits(world: World) -> None:
    syndic = world.syndic()
    _spray(syndic, attempts.BURST)
    assert _spray(syndic, 1) == [SLOWED]
    world.later(seconds=attempts.EASES_S + 1)
    party, page = legacy_sign_in(Browser(NEIGHBOUR), syndic, syndic.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy", "a right pair gets through"


def test_an_owner_who_fumbles_is_no_spray_and_right_pairs_cost_nothing(world: World) -> None:
    syndic = world.syndic(accounts=2)
    page = RelyingParty(syndic).begin(Browser(SPRAYER))
    fail(page, "88000000", 5)
    for _ in range(attempts.BURST):
        legacy_sign_in(Browser(SPRAYER), syndic, syndic.accounts[0])
    assert _spray(syndic, attempts.BURST - 1)[-1] == f"Mot de passe invalide {LEFT[0]}", "one name counted so far"


def test_a_spray_over_addresses_slows_too_and_says_the_same_of_known_and_unknown_ones(world: World) -> None:
    syndic = world.syndic()
    email = f"a8@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    page = RelyingParty(syndic).begin(Browser(SPRAYER))
    for number in range(attempts.BURST):
        sign_in(page, f"nobody{number}@{syndic.slug}.example", "guess-guess-guess")
    said = {sign_in(page, name, PASSWORD).alert for name in (email, f"inconnu@{syndic.slug}.example")}
    assert said == {SLOWED}, "a slowed network learns nothing of any name"


def test_an_identifier_guessed_from_everywhere_still_takes_one_try_of_each_network(world: World) -> None:
    syndic = world.syndic()
    account = syndic.accounts[0]
    for number in range(attempts.MANY // attempts.ALLOWED):
        fail(RelyingParty(syndic).begin(Browser(f"127.0.{100 + number}.1")), account.identifier, 5)
    page = RelyingParty(syndic).begin(Browser("127.0.30.1"))
    assert fail(page, account.identifier, 2) == [LEGACY_LOCKED] * 2, "guessers have one try each now"
    party, page = legacy_sign_in(Browser("127.0.31.1"), syndic, account)
    assert party.complete(page).id_claims["acr"] == "legacy", "its owner is never kept out by others"


def test_of_200_simultaneous_wrong_passwords_five_are_checked_and_no_sixth_ever_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    syndic = world.syndic()
    email = f"deuxcents@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    checked = _watch_hashes(monkeypatch)
    page = RelyingParty(syndic).begin(Browser())
    with ThreadPoolExecutor(24) as pool:
        said = list(pool.map(lambda _: sign_in(page, email, "wrong-password-for-sure").alert, range(200)))
    told = sorted(each for each in said if each != LOCKED)
    assert told == sorted(f"Mot de passe invalide {left}" for left in LEFT), "the fifth and all others hear of the lock"
    stored = world.password_hash(email)
    assert checked.count(stored) == 5, "five passwords are checked against the person's own, and no sixth ever is"
    assert len(checked) == 200, "and every answer costs the same"


def _watch_hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which stored hashes a password is compared with, from now on."""
    checked: list[str] = []
    verify = PasswordHasher.verify

    def watching(self: PasswordHasher, stored: str, password: bytes) -> bool:
        checked.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watching)
    return checked
