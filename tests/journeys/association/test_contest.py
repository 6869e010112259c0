"""« Ce n'est pas moi », said by the address that the syndic knew: typed code, thirty days, a new secret (B13)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from config.database import session, transaction
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.journeys.association.beginnings import contest_link, known_address
from tests.journeys.extranets import running
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty, Tokens
from tests.world import Account, TestSyndic, World

CODE = "Code reçu par e-mail"


@dataclass
class Taken:
    """An account that a stranger has attached to an address of their own, with the printed code."""

    syndic: TestSyndic
    account: Account
    thief: str
    inside: Browser
    party: RelyingParty
    tokens: Tokens
    link: str
    code: str

    def asked(self, browser: Browser | None = None) -> Page:
        """The page that asks « Ce n'est pas moi », after the right code."""
        return (browser or Browser()).get(self.link).submit("Continuer", **{CODE: self.code})


def _taken(world: World, name: str, **policy: Any) -> Taken:
    syndic = world.syndic(**policy)
    return _by_thief(world, syndic, syndic.accounts[0], name)


def _by_thief(world: World, syndic: TestSyndic, account: Account, name: str) -> Taken:
    thief = f"{name}@{syndic.slug}.example"
    associate(world, syndic, account, thief)
    inside, party = Browser(), RelyingParty(syndic)
    page = sign_in(party.begin(inside, scope="openid profile accounts offline_access"), thief, PASSWORD)
    tokens = party.complete(page)
    known = known_address(account)
    return Taken(syndic, account, thief, inside, party, tokens, contest_link(world, known), world.mailed_code(known))


def test_the_former_address_suspends_the_link_and_everything_that_rests_on_it(world: World) -> None:
    taken = _taken(world, "voleuse")
    question = taken.asked()
    assert question.heading == "Suspendre cet accès ?"
    assert taken.syndic.name in question.text
    assert f"…{taken.account.identifier[-4:]}" in question.text
    assert taken.thief not in question.text, "the new address is not told to the old one"
    assert taken.party.userinfo(taken.tokens.access_token).status_code == 200, "nothing has happened yet"
    done = question.submit("Ce n'est pas moi")
    assert done.heading == "L'accès est suspendu"
    assert taken.party.userinfo(taken.tokens.access_token).status_code == 401, "its tokens end"
    assert taken.party.introspect(taken.tokens.access_token) == {"active": False}
    again = RelyingParty(taken.syndic).begin(taken.inside)
    assert "/no-account" in again.url, f"its session opens the account no more: {again.url}"
    assert "suspendu" in taken.inside.get(f"{world.base}/account/accounts").text, "« Mes comptes » says so"
    world.ledger_is_whole()


def test_the_syndic_is_alerted_of_its_own_account_and_never_of_an_address(world: World) -> None:
    taken = _taken(world, "alerte")
    taken.asked().submit("Ce n'est pas moi")
    world.work()
    alerts = [mail for mail in world.mails_to(f"contact@{taken.syndic.slug}.example") if "contesté" in mail.subject]
    assert len(alerts) == 1, "one alert"
    assert taken.account.identifier in alerts[0].text
    assert "imprimez" in alerts[0].text, "an imported source has no other way to a new code"
    for address in (taken.thief, known_address(taken.account)):
        assert address not in alerts[0].text


def test_the_person_whose_link_it_is_hears_of_it_and_whom_to_call(world: World) -> None:
    taken = _taken(world, "suspendue")
    taken.asked().submit("Ce n'est pas moi")
    world.work()
    told = world.mails_to(taken.thief)[0]
    assert told.subject == "Votre accès à l'un de vos comptes est suspendu"
    assert "04 74 00 00 00" in told.text, "who it is indeed knows whom to call"
    assert known_address(taken.account) not in told.text


def test_the_evidence_says_how_it_was_proved(world: World) -> None:
    taken = _taken(world, "preuve")
    taken.asked().submit("Ce n'est pas moi")
    with world.application.app_context(), transaction() as work:
        chain = syndics.get(taken.syndic.slug).id
        entries = work.query(LedgerEntry).filter_by(chain=chain, kind="link.suspended").all()
        assert [entry.body["proofs"] for entry in entries] == [["known-address", "mail-code"]]


@pytest.mark.parametrize("typed", ["", "1234", "abcdefgh", "1234567é"])
def test_a_malformed_code_is_no_try(world: World, typed: str) -> None:
    taken = _taken(world, "malforme")
    page = Browser().get(taken.link)
    for _ in range(8):
        page = page.submit("Continuer", **{CODE: typed})
        assert "Ce code n'est pas le bon." in page.alert
    assert page.submit("Continuer", **{CODE: taken.code}).heading == "Suspendre cet accès ?"


def test_five_codes_a_day_are_checked_and_no_sixth_even_at_the_same_time(world: World) -> None:
    taken = _taken(world, "cinq")
    wrong = f"{(int(taken.code) + 1) % 10**8:08d}"
    pages = [Browser().get(taken.link) for _ in range(16)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda page: page.submit("Continuer", **{CODE: wrong}).status, pages))
    assert sorted(statuses) == [200] * 5 + [429] * 11, "five are told that it was wrong, the others to come back"
    late = taken.asked()
    assert late.status == 429, "not even the right one is checked"
    assert "Réessayez demain, ou appelez votre agence." in late.alert
    world.later(hours=25)
    assert taken.asked().heading == "Suspendre cet accès ?", "a day later it is"


def test_scanners_change_nothing(world: World) -> None:
    taken, scanner = _taken(world, "robot"), Browser()
    for _ in range(20):
        page = scanner.get(taken.link)
        scanner.http.head(taken.link)
        page.submit("Continuer")
        page.submit("Continuer", **{CODE: "whatever"})
        assert scanner.get(f"{world.base}/contest/review").status == 410
        assert Page(scanner, scanner.http.post(f"{world.base}/contest/review")).status == 400
    assert taken.party.userinfo(taken.tokens.access_token).status_code == 200, "the link stands"
    assert taken.asked().submit("Ce n'est pas moi").heading == "L'accès est suspendu", "and its owner still succeeds"


def test_in_two_tabs_the_second_click_finds_the_work_done(world: World) -> None:
    taken = _taken(world, "onglets")
    tabs = [taken.asked(), taken.asked()]
    assert [tab.submit("Ce n'est pas moi").heading for tab in tabs] == ["L'accès est suspendu"] * 2
    used = Browser().get(taken.link)
    assert "Ce lien a déjà été utilisé." in used.text
    assert "nouveaux codes" in used.text, "it says what comes next"


def test_thirty_days_later_the_link_has_expired(world: World) -> None:
    taken = _taken(world, "tard")
    late = taken.asked()
    world.later(days=30, minutes=1)
    gone = Browser().get(taken.link)
    assert "Ce lien a expiré." in gone.text
    assert "Appelez votre agence" in gone.text
    assert late.submit("Ce n'est pas moi").status == 410, "a page left open does nothing either"
    world.later()
    assert taken.party.userinfo(taken.tokens.access_token).status_code in {200, 401}


def test_after_a_detach_there_is_nothing_to_contest(world: World) -> None:
    taken = _taken(world, "detache")
    with world.application.app_context(), transaction():
        session().connection().exec_driver_sql(
            "UPDATE links SET state = 'ended' WHERE syndic_id = %(id)s", {"id": syndics.get(taken.syndic.slug).id}
        )
    assert "Ce lien n'est plus valable." in Browser().get(taken.link).text


def test_a_former_address_of_one_link_suspends_no_other(world: World) -> None:
    syndic = world.syndic(accounts=2)
    first = _by_thief(world, syndic, syndic.accounts[0], "commune")
    associate(world, syndic, syndic.accounts[1], first.thief)
    first.asked().submit("Ce n'est pas moi")
    tokens = email_sign_in(syndic, first.thief)
    assert [each["identifier"] for each in tokens.userinfo["accounts"]] == [syndic.accounts[1].identifier]


@pytest.mark.parametrize("policy", ["after_confirmation", "never"])
def test_the_former_secret_never_works_again_and_an_import_brings_a_new_one(world: World, policy: str) -> None:
    taken = _taken(world, "secret", legacy_disable=policy)
    taken.asked().submit("Ce n'est pas moi")
    world.work()
    former = taken.account.password
    _, page = legacy_sign_in(Browser(), taken.syndic, taken.account)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert, "whatever the policy says"
    world.import_accounts(taken.syndic)
    _, page = legacy_sign_in(Browser(), taken.syndic, taken.account)
    assert "code=" not in page.url, "the former secret under a new hash opens nothing"
    taken.account.password = "un-nouveau-code-imprime"
    world.import_accounts(taken.syndic)
    party, page = legacy_sign_in(Browser(), taken.syndic, taken.account)
    fresh = party.complete(page)
    assert fresh.id_claims["acr"] == "legacy", "the new one does"
    assert fresh.id_claims["sub"] != taken.tokens.id_claims["sub"], "and its holder is somebody else to the extranet"
    taken.account.password = former
    _, page = legacy_sign_in(Browser(), taken.syndic, taken.account)
    assert "Mot de passe invalide" in page.alert
    world.ledger_is_whole()


def test_the_true_holder_associates_with_the_new_secret_and_the_thief_stays_out(world: World) -> None:
    taken = _taken(world, "rendu")
    taken.asked().submit("Ce n'est pas moi")
    world.work()
    taken.account.password = "un-nouveau-code-imprime"
    world.import_accounts(taken.syndic)
    owner = known_address(taken.account)
    associate(world, taken.syndic, taken.account, owner)
    assert email_sign_in(taken.syndic, owner).id_claims["acr"] == "password"
    assert taken.party.userinfo(taken.tokens.access_token).status_code == 401
    assert "/no-account" in RelyingParty(taken.syndic).begin(taken.inside).url


def test_who_was_suspended_by_mistake_associates_anew_with_the_new_secret(world: World) -> None:
    taken = _taken(world, "erreur")
    taken.asked().submit("Ce n'est pas moi")
    world.work()
    taken.account.password = "un-nouveau-code-imprime"
    world.import_accounts(taken.syndic)
    associate(world, taken.syndic, taken.account, taken.thief)
    assert len(email_sign_in(taken.syndic, taken.thief).userinfo["accounts"]) == 1


def test_a_source_of_the_syndics_own_prints_a_new_letter_after_the_disablement(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        taken = _by_thief(world, extranet.syndic, extranet.syndic.accounts[0], "lettre")
        taken.asked().submit("Ce n'est pas moi")
        world.work()
        letters = httpx2.get(f"{extranet.url}/legacy/letters").json()
        assert [letter["identifier"] for letter in letters] == [taken.account.identifier], "one letter"
        assert httpx2.get(f"{extranet.url}/legacy/effects").json() == {taken.account.identifier: 1}, "disabled once"
        _, page = legacy_sign_in(Browser(), taken.syndic, taken.account)
        assert "Mot de passe invalide" in page.alert
        renewed = Account(taken.account.identifier, letters[0]["secret"], taken.account.holder, None)
        party, page = legacy_sign_in(Browser(), taken.syndic, renewed)
        assert party.complete(page).id_claims["acr"] == "legacy"
        world.ledger_is_whole()


def test_an_address_that_was_known_and_chosen_is_told_nothing(world: World) -> None:
    syndic = world.syndic()
    known = known_address(syndic.accounts[0])
    associate(world, syndic, syndic.accounts[0], known)
    assert [mail.subject for mail in world.mails_to(known)] == ["Confirmez votre adresse e-mail"]


def test_every_existing_holder_is_told_in_their_language_and_cannot_contest(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    account = syndic.accounts[0]
    first, second = (f"{name}@{syndic.slug}.example" for name in ("titulaire", "conjoint"))
    associate(world, syndic, account, first)
    associate(world, syndic, account, second)
    told = [mail for mail in world.mails_to(first) if "/confirm/" not in mail.text]
    assert [mail.subject for mail in told] == ["Une autre personne a maintenant accès à l'un de vos comptes"]
    assert "/contest/" not in told[0].text
    assert second not in told[0].text, "nobody's address is told"
