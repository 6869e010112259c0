"""« Détacher » at the wrong moment: twice, at once, by others, and what was proved just before."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser import Browser
from tests.journeys.association.beginnings import contest_link, known_address
from tests.journeys.grouping.attempts import DONE, begin, by_code, by_link
from tests.journeys.grouping.detaching import (
    DETACHED,
    account,
    default_account,
    detach,
    ended,
    enter,
    links,
    manage,
    question,
)
from tests.journeys.owner import owner, signed_in
from tests.journeys.steps import PASSWORD, associate, email_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World


def test_twice_in_two_tabs_and_at_once_is_once(world: World) -> None:
    email, syndic, browser = owner(world, "onglets")
    tabs = [question(world, browser) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        headings = list(pool.map(lambda page: page.submit("Détacher").heading, tabs))
    assert headings == [DETACHED] * 4, "every tab says that it is done"
    assert tabs[0].submit("Détacher").heading == DETACHED
    assert browser.get(tabs[0].url).heading == DETACHED, "so does the page that asked"
    world.work()
    assert len([mail for mail in world.mails_to(email) if "changement" in mail.subject]) == 1
    assert len(ended(world, syndic)) == 1
    world.ledger_is_whole()


def test_two_accounts_detached_at_once_both_end_and_no_default_is_left_behind(world: World) -> None:
    syndic = world.syndic()
    email = f"adieu@{syndic.slug}.example"
    for each in syndic.accounts:
        associate(world, syndic, each, email)
    browser, _ = signed_in(world, email)
    pages = [question(world, browser, number) for number in (0, 1)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda page: page.submit("Détacher"), pages))
    assert default_account(world, email) is None
    assert "Aucun compte n'est associé à cette adresse" in browser.get(f"{world.base}/account/accounts").text
    assert "Aucun compte n'est associé à cette adresse" in manage(world, browser).text


@pytest.mark.parametrize("name", ["Détacher", "Renommer"])
def test_another_persons_and_another_sessions_handles_name_nothing(world: World, name: str) -> None:
    email, syndic, mine = owner(world, "poignee")
    _, _, theirs = owner(world, "voisine")
    elsewhere, _ = signed_in(world, email)
    for browser in (theirs, elsewhere):
        question(world, browser)  # the password has just been typed there
        address = world.base + links(manage(world, mine), name)[0]
        assert browser.get(address).status == 404
        token = browser.get(f"{world.base}/account/accounts").hidden("csrf_token")
        assert browser.post(address, {"csrf_token": token, "name": "x"}).status == 404
    assert "Appt 12" in manage(world, mine).text
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1


def test_a_suspended_link_can_be_detached_and_opens_nothing_by_default(world: World) -> None:
    syndic = world.syndic()
    email = f"conteste@{syndic.slug}.example"
    for each in syndic.accounts:
        associate(world, syndic, each, email)
    contested = known_address(syndic.accounts[0])
    link, code = contest_link(world, contested), world.mailed_code(contested)
    Browser().get(link).submit("Continuer", **{"Code reçu par e-mail": code}).submit("Ce n'est pas moi")
    browser, page = signed_in(world, email)
    marked = [str(tag.find_parent("li")) for tag in page.soup.select(".mark-default")]
    assert len(marked) == 1
    assert "suspendu" not in marked[0], "what opens by default is what can be opened"
    assert not manage(world, browser).has("button", "Choisir par défaut"), "the one is the default, the other suspended"
    before = account(world, syndic)
    page = detach(world, browser)
    assert "votre agence est prévenue" in page.text
    assert account(world, syndic).reissue_key == before.reissue_key, "the new codes of the contest are enough"
    assert Browser().get(link).status == 410, "there is nothing to contest any more"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 1


def test_a_code_that_was_issued_just_before_is_worth_nothing(world: World) -> None:
    email, syndic, portal = owner(world, "envol")
    inside = enter(syndic, email)
    page, party = question(world, portal), RelyingParty(syndic)
    code = party.code(party.begin(inside.browser))
    waiting = RelyingParty(syndic).begin(Browser())
    assert page.submit("Détacher").heading == DETACHED
    assert party.redeem(code).json()["error"] == "invalid_grant"
    assert "/no-account" in sign_in(waiting, email, PASSWORD).url, "a sign-in under way finds no account here"


def test_what_was_proved_of_the_account_confirms_nothing_any_more(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    email = f"preuves@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    _, waiting = begin(syndic, syndic.accounts[0], email)
    world.work()
    mailed, shown = world.mailed_link(email), by_code(world, waiting, email)
    assert shown.has("button", "Confirmer")
    browser, _ = signed_in(world, email)
    detach(world, browser)
    assert shown.submit("Confirmer").status == 410, "a proof dies on unlink"
    assert Browser().get(mailed).status == 410
    wrong = waiting.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    assert not wrong.has("button", "Confirmer")
    world.later(seconds=61)
    waiting.browser.get(waiting.url).submit("Renvoyer le mail")
    world.work()
    assert by_link(world, email).submit("Confirmer").heading == DONE, "a new mail proves anew"
