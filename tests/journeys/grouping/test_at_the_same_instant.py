"""Two syndics that do not know each other, confirmed at the same instant by one person: never both (DESIGN 5)."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import select, text

from broker.association.models import Association
from config.database import db, session
from tenants.audit import service as audit
from tenants.syndics import service as syndics
from tests.browser import Page
from tests.journeys.grouping.attempts import DONE, REFUSED, adding, begin, by_link, end_trust
from tests.journeys.steps import PASSWORD, email_sign_in
from tests.world import TestSyndic, World

BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE_S = 20


@contextmanager
def _chains_held(world: World, *houses: TestSyndic) -> Iterator[None]:
    """Nobody else writes evidence of these syndics meanwhile: who has judged already waits there, before it commits."""
    with world.application.app_context():
        for chain in sorted(syndics.get(house.slug).id for house in houses):
            audit.append(chain, "test.held", {})
        try:
            yield
        finally:
            session().rollback()


def _until_blocked(world: World, count: int) -> None:
    until = time.monotonic() + PATIENCE_S
    with world.application.app_context(), db.engine.connect() as connection:
        while time.monotonic() < until:
            if int(connection.execute(BLOCKED).scalar_one()) >= count:
                return
            connection.rollback()
            time.sleep(0.02)
    raise AssertionError(f"{count} confirmations were to wait")


def _confirmed_together(world: World, houses: tuple[TestSyndic, ...], questions: list[Page]) -> list[Page]:
    with ThreadPoolExecutor(len(questions)) as pool:
        with _chains_held(world, *houses):
            waiting: list[Future[Page]] = [pool.submit(page.submit, "Confirmer") for page in questions]
            _until_blocked(world, len(questions))
        return [each.result() for each in waiting]


def test_of_two_strangers_that_both_trust_a_third_one_wins(world: World) -> None:
    home, one, other = world.syndic(), world.syndic(), world.syndic()
    world.trust(home.slug, one.slug)
    world.trust(home.slug, other.slug)
    added = adding(world, "course", home, one)
    questions = [by_link(world, added.email)]
    begin(other, other.accounts[0], added.email)
    world.work()
    questions.append(by_link(world, added.email))
    pages = _confirmed_together(world, (one, other), questions)
    assert sorted(page.heading == DONE for page in pages) == [False, True], [page.text[:200] for page in pages]
    assert [page.alert for page in pages if page.heading != DONE] == [REFUSED]
    world.ledger_is_whole()


def test_of_two_strangers_confirmed_for_a_new_address_one_wins_and_the_other_is_refused_after_the_password(
    world: World,
) -> None:
    one, other = world.syndic(), world.syndic()
    email, questions = f"neuve@{one.slug}.example", []
    for house in (one, other):
        begin(house, house.accounts[0], email)
        world.work()
        questions.append(by_link(world, email))
    pages = _confirmed_together(world, (one, other), questions)
    won = [page.heading == DONE for page in pages]
    assert sorted(won) == [False, True], [page.text[:200] for page in pages]
    page = pages[won.index(False)].submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    assert page.submit("Confirmer").alert == REFUSED
    winner = (one, other)[won.index(True)]
    assert len(email_sign_in(winner, email).userinfo["accounts"]) == 1


@contextmanager
def _attempt_held(world: World, email: str) -> Iterator[None]:
    """Nobody ends this attempt meanwhile: a rival's confirmation, which has judged already, waits for it."""
    with world.application.app_context():
        session().scalars(select(Association).where(Association.email == email).with_for_update()).one()
        try:
            yield
        finally:
            session().rollback()


def test_an_end_of_trust_waits_for_the_confirmation_that_relies_on_it(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    added = adding(world, "attend", home, partner)
    question, rival = by_link(world, added.email), f"rivale@{partner.slug}.example"
    begin(partner, added.account, rival)
    with ThreadPoolExecutor(2) as pool:
        with _attempt_held(world, rival):
            confirming = pool.submit(question.submit, "Confirmer")
            _until_blocked(world, 1)
            ending = pool.submit(end_trust, world, home, partner)
            _until_blocked(world, 2)
            assert not ending.done(), "whoever ends trust is told so once nothing crosses any more"
        assert confirming.result().heading == DONE
        ending.result()
    assert len(email_sign_in(partner, added.email).userinfo["accounts"]) == 1, "what was linked stays usable"
