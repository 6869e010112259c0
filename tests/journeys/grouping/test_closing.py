"""A closed account (sold, inherited, its number another's): nobody opens it, its holders are told, and no code of it
opens the successor's (DESIGN section 3)."""

from pathlib import Path

import httpx2
import pytest

from broker.association import closing
from config.database import transaction
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.legacy.refusals import IllegalTransition
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.extranets import running
from tests.journeys.grouping.attempts import begin
from tests.journeys.grouping.detaching import account, ended, enter
from tests.journeys.owner import owner
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic, World

WRONG = "Mot de passe invalide"


def close(world: World, syndic: TestSyndic, because: str = "sale", number: int = 0) -> int:
    """What `trousseau legacy close` does."""
    with world.application.app_context(), transaction():
        found = legacy.find(syndics.get(syndic.slug).id, syndic.accounts[number].identifier)
        assert found is not None
        return closing.close(found, because)


def reimport(world: World, syndic: TestSyndic, secret: str) -> None:
    """The syndic's next export: the number has a new code."""
    syndic.accounts[0].password = secret
    world.import_accounts(syndic)


def test_a_sold_account_opens_for_nobody_from_that_moment_and_its_owner_is_told_calmly(world: World) -> None:
    email, syndic, browser = owner(world, "vendu")
    associate(world, syndic, syndic.accounts[1], email)
    inside = enter(syndic, email)
    sold = account(world, syndic)
    assert close(world, syndic) == 1
    assert not inside.is_open
    left = email_sign_in(syndic, email).userinfo["accounts"]
    assert [one["identifier"] for one in left] == [syndic.accounts[1].identifier], "the other one goes on"
    accounts = browser.get(f"{world.base}/account/accounts").text
    assert f"…{syndic.accounts[0].identifier[-4:]}" not in accounts
    assert WRONG in legacy_sign_in(Browser(), syndic, syndic.accounts[0])[1].alert, "its code says nothing any more"
    world.work()
    told = world.mails_to(email)[0]
    assert told.subject == "Un changement sur votre compte"
    assert "Votre agence a fermé un compte" in told.text
    assert "Appelez votre agence" in told.text
    history = browser.get(f"{world.base}/account/history").text
    assert f"{syndic.name} a fermé votre compte …{syndic.accounts[0].identifier[-4:]}" in history
    evidence = browser.get(f"{world.base}/account/evidence").text
    assert f"{syndic.name} a fermé un compte qui était rattaché à votre adresse." in evidence
    assert [(entry["because"], entry["account"]) for entry in ended(world, syndic)] == [("closed", sold.public_id)]
    world.ledger_is_whole()


def test_a_number_that_is_used_again_is_a_new_account_and_the_former_code_never_opens_it(world: World) -> None:
    email, syndic, _ = owner(world, "ancien")
    former, sub = syndic.accounts[0].password, email_sign_in(syndic, email).id_claims["sub"]
    before = account(world, syndic)
    close(world, syndic, "reused")
    world.import_accounts(syndic)  # yesterday's file once more
    old = Account(syndic.accounts[0].identifier, former, "", None)
    assert WRONG in legacy_sign_in(Browser(), syndic, old)[1].alert, "an older file brings no code back"
    reimport(world, syndic, f"nouveau-{former}")
    heir = account(world, syndic)
    assert heir.id != before.id
    assert heir.public_id != before.public_id, "to the extranet too it is another account"
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    tokens = party.complete(page)
    assert tokens.id_claims["sub"] != sub, "a subject is a person's, and this is another one"
    reimport(world, syndic, former)
    assert WRONG in legacy_sign_in(Browser(), syndic, old)[1].alert, "nor while the successor uses it"


def test_whoever_is_in_the_middle_of_an_association_or_inside_by_the_printed_code_is_shut_out(world: World) -> None:
    syndic = world.syndic()
    email = f"milieu@{syndic.slug}.example"
    begin(syndic, syndic.accounts[0], email)
    world.work()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[1])
    tokens = party.complete(page)
    close(world, syndic)
    close(world, syndic, "death", number=1)
    assert party.userinfo(tokens.access_token).status_code != 200, "a legacy sign-in rests on the account"
    late = Browser().get(world.mailed_link(email))
    assert "Ce lien n'est plus valable." in late.text


def test_all_who_held_it_are_told_and_twice_is_refused(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    people = [f"{name}@{syndic.slug}.example" for name in ("elle", "lui")]
    for email in people:
        associate(world, syndic, syndic.accounts[0], email)
    world.work()
    assert close(world, syndic) == 2
    world.work()
    for email in people:
        assert "a fermé un compte" in world.mails_to(email)[0].text
        page = sign_in(RelyingParty(syndic).begin(Browser()), email, PASSWORD)
        assert "/no-account" in page.url, "their addresses stay theirs, and open nothing here"
    with world.application.app_context(), transaction() as work:
        again = work.query(LegacyAccount).filter_by(syndic_id=syndics.get(syndic.slug).id, state="closed").one()
        with pytest.raises(IllegalTransition):
            closing.close(again, "sale")


def test_a_source_of_the_syndics_own_retires_the_code_but_not_its_successors(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        syndic = extranet.syndic
        for number in (0, 1):
            party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[number])
            party.complete(page)
        close(world, syndic, "death")
        close(world, syndic, "reused", number=1)
        world.work()
        effects = httpx2.get(f"{extranet.url}/legacy/effects").json()
        assert effects == {syndic.accounts[0].identifier: 1}, "the second number is somebody else's by now"
        assert WRONG in legacy_sign_in(Browser(), syndic, syndic.accounts[1])[1].alert, (
            "the code that signed in before the end opens nothing, whatever its source says"
        )
        world.ledger_is_whole()
