"""What is over: attempts, sign-ins, tombstones. A turn never waits for owners, and never does half of a thing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from broker.association.models import Association, MailedProof
from broker.identities.models import Identity
from broker.oidc.models import UsedProof
from broker.sessions.models import LoginSession
from config import clock, secrets
from config.database import db, new_id, session, transaction
from config.outbox import Promise
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.terms.models import TermsAcceptance
from tests.browser import Browser
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World
from workers.housekeeping import turn as housekeeping

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


def without_refresh(world: World) -> TestSyndic:
    """A syndic whose extranet has no tokens that outlive a session."""
    syndic = world.syndic()
    world.change_client(syndic, scope="openid email accounts")
    return syndic


def waits(world: World, syndic: TestSyndic, name: str) -> str:
    """Somebody waits for the mail of an attempt. Returns the address."""
    email = f"{name}@{syndic.slug}.example"
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    until_waiting(page, email)
    world.work()
    return email


def attempt_of(email: str) -> Association | None:
    session().expire_all()
    return session().scalars(select(Association).where(Association.email == email)).one_or_none()


def account_state(syndic: TestSyndic) -> str:
    session().expire_all()
    theirs = select(LegacyAccount.state).where(LegacyAccount.syndic_id == syndics.get(syndic.slug).id)
    return session().scalars(theirs.where(LegacyAccount.identifier == syndic.accounts[0].identifier)).one()


def sessions_of(email: str) -> list[LoginSession]:
    session().expire_all()
    theirs = select(LoginSession).join(Identity, Identity.id == LoginSession.identity_id)
    return list(session().scalars(theirs.where(Identity.email == email)))


def test_an_attempt_that_waited_too_long_ends_frees_the_account_and_still_says_why(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email = waits(world, syndic, "oublieuse")
    link = world.mailed_link(email)
    world.later(days=6)
    housekeeping.tidy()
    assert account_state(syndic) == "pending", "its link is good for seven days"
    world.later(days=2)
    housekeeping.tidy()
    attempt = attempt_of(email)
    assert attempt is not None
    assert (attempt.state, attempt.ended_because) == ("ended", "expired")
    assert account_state(syndic) == "active", "nothing waits for this account any more"
    assert (attempt.password_hash, attempt.profile) == (None, {}), "a password that was never used is kept no longer"
    assert "Ce lien a expiré." in Browser().get(link).text, "whoever comes late is told so, and what to do"


def test_an_attempt_that_came_to_nothing_is_forgotten_whole(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email = waits(world, syndic, "disparue")
    link, attempt = world.mailed_link(email), attempt_of(email)
    assert attempt is not None
    made = attempt.id
    world.later(days=8)
    housekeeping.tidy()
    world.later(days=31)
    housekeeping.tidy()
    assert attempt_of(email) is None, "a month after its end nothing is left of it"
    for model in (MailedProof, TermsAcceptance):
        left = select(func.count()).select_from(model).where(model.association_id == made)
        assert session().scalar(left) == 0, f"{model.__tablename__} goes with its attempt"
    assert "Ce lien n'est plus valable." in Browser().get(link).text
    world.ledger_is_whole()


def test_a_confirmed_attempt_keeps_how_it_was_proved_and_nothing_else(world: World) -> None:
    syndic = world.syndic()
    email = f"fidele@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    world.later(days=60)
    housekeeping.tidy()
    attempt = attempt_of(email)
    assert attempt is not None, "it is the origin of a link"
    assert (attempt.state, attempt.password_hash, attempt.profile) == ("confirmed", None, {})
    assert attempt.session_id is None, "the sign-in that began it has gone, with its network and browser"
    assert email_sign_in(syndic, email, PASSWORD).userinfo["account"], "the identity has what it needs"


def test_a_session_goes_a_week_after_its_end_whatever_ended_it(world: World) -> None:
    syndic = without_refresh(world)
    email = f"assidue@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    sign_in(RelyingParty(syndic).begin(Browser()), email, PASSWORD)
    world.later(days=7)
    housekeeping.tidy()
    assert sessions_of(email), "idle for twelve hours it signs nobody in, and for a week more it is remembered"
    world.later(hours=13)
    housekeeping.tidy()
    assert not sessions_of(email), "then it goes, long before its last day"


def test_a_session_that_is_used_stays_and_so_does_one_that_survives_the_browser(world: World) -> None:
    syndic = without_refresh(world)
    email = f"reguliere@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    with transaction() as work:
        work.execute(update(LoginSession).values(idle_s=30 * 86400).where(LoginSession.identity_id == identity(email)))
    for _ in range(3):
        world.later(days=20)
        with transaction() as work:
            work.execute(
                update(LoginSession).values(seen_at=clock.now()).where(LoginSession.identity_id == identity(email))
            )
        housekeeping.tidy()
        assert sessions_of(email), "twenty days are not thirty"
    world.later(days=38)
    housekeeping.tidy()
    assert not sessions_of(email)


def identity(email: str) -> Any:
    return session().scalar(select(Identity.id).where(Identity.email == email))


def test_refresh_tokens_outlive_an_idle_session_and_so_its_row_does(world: World) -> None:
    syndic = world.syndic()
    world.change_client(syndic, scope="openid accounts offline_access")
    email = f"mobile@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    party, browser = RelyingParty(syndic), Browser()
    page = sign_in(party.begin(browser, scope="openid offline_access"), email, PASSWORD)
    token = str(party.redeem(party.code(page)).json()["refresh_token"])
    for _ in range(3):
        world.later(days=9)
        housekeeping.tidy()
        answer = party.refresh(token)
        assert answer.is_success, f"the extranet's own token goes on: {answer.text}"
        token = str(answer.json()["refresh_token"])
    world.later(days=190)
    housekeeping.tidy()
    assert not sessions_of(email), "after its last day it goes all the same"


def test_no_extranet_is_told_of_a_session_that_ended_by_time(world: World) -> None:
    syndic = without_refresh(world)
    world.change_client(syndic, backchannel_logout_uri="http://127.0.0.1:9/logout")
    email = f"partie@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    party = RelyingParty(syndic)
    party.complete(sign_in(party.begin(Browser()), email, PASSWORD))
    before = session().scalar(select(func.count()).where(Promise.topic == "logout.backchannel"))
    world.later(days=30)
    housekeeping.tidy()
    assert not sessions_of(email)
    after = session().scalar(select(func.count()).where(Promise.topic == "logout.backchannel"))
    assert after == before, "who reads a document at the extranet is not thrown out because they were not here"


def test_a_tombstone_stands_for_as_long_as_its_syndic_says(world: World) -> None:
    brief, long = world.syndic(tombstone_days=30), world.syndic()
    for syndic in (brief, long):
        associate(world, syndic, syndic.accounts[0], f"retraitee@{syndic.slug}.example")
        world.work()

    def stands(syndic: TestSyndic) -> bool:
        session().expire_all()
        theirs = select(LegacyAccount.tombstone).where(LegacyAccount.syndic_id == syndics.get(syndic.slug).id)
        return session().scalar(theirs.where(LegacyAccount.state == "disabled")) is not None

    assert stands(brief), "a tombstone is cut at the legacy sign-in"
    for days, expected in ((29, (True, True)), (2, (False, True)), (3 * 365, (False, False))):
        world.later(days=days)
        housekeeping.tidy()
        assert (stands(brief), stands(long)) == expected
    _, page = legacy_sign_in(Browser(), brief, brief.accounts[0])
    assert "Cet identifiant ne peut plus être utilisé" not in page.text, "nobody can tell any more whose secret it was"
    assert page.alert, "and it opens nothing"


@pytest.fixture
def proofs() -> Iterator[list[bytes]]:
    """Proofs that have expired."""
    digests = [secrets.digest(str(new_id())) for _ in range(6)]
    with transaction() as work:
        work.add_all([UsedProof(digest=each, expires_at=clock.now() - timedelta(days=1)) for each in digests])
    yield digests
    session().rollback()


def left(proofs: list[bytes]) -> int:
    session().expire_all()
    return session().scalar(select(func.count()).where(UsedProof.digest.in_(proofs))) or 0


def test_a_row_that_somebody_holds_is_left_for_the_next_turn(proofs: list[bytes]) -> None:
    held = db.engine.connect()
    held.execute(select(UsedProof.digest).where(UsedProof.digest == proofs[0]).with_for_update())
    assert housekeeping.tidy().finished, "it waits for nobody"
    assert left(proofs) == 1, "and takes everything else"
    held.close()
    housekeeping.tidy()
    assert left(proofs) == 0


def test_turns_at_once_delete_each_row_once(app: Flask, proofs: list[bytes]) -> None:
    def turn(_: int) -> int:
        with app.app_context():
            return housekeeping.tidy().rows.get("used_proofs", 0)

    with ThreadPoolExecutor(4) as pool:
        counted = sum(pool.map(turn, range(4)))
    counted += housekeeping.tidy().rows.get("used_proofs", 0)
    assert counted == len(proofs)
    assert left(proofs) == 0


def test_a_turn_without_time_says_that_it_is_not_finished(proofs: list[bytes]) -> None:
    done = housekeeping.tidy(budget_s=0)
    assert (done.finished, done.rows) == (False, {})
    assert left(proofs) == len(proofs)


class Killed(BaseException):
    """As if the process had ended there."""


def test_who_dies_in_the_middle_of_forgetting_an_attempt_has_forgotten_nothing_of_it(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email = waits(world, syndic, "interrompue")
    world.later(days=8)
    housekeeping.tidy()
    world.later(days=31)

    def die(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM associations"):
            raise Killed

    event.listen(db.engine, "before_cursor_execute", die)
    try:
        with pytest.raises(Killed):
            housekeeping.tidy()
    finally:
        event.remove(db.engine, "before_cursor_execute", die)
    attempt = attempt_of(email)
    assert attempt is not None
    proofs = session().scalar(select(func.count()).where(MailedProof.association_id == attempt.id))
    assert proofs == 1, "its proofs are there as it is"
    housekeeping.tidy()
    assert attempt_of(email) is None, "the next turn does it whole"
