"""Reminders: a week and a day before a deadline, once each, to whoever has something to do, and to nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from broker.association import reminders as rounds
from config import clock
from config.database import session, transaction
from config.mail import caps, suppression
from config.mail.models import Mail
from config.outbox import Promise
from config.settings import settings
from demo.mailbox import Mail as Arrived
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic
from tests.browser import Browser
from tests.journeys.steps import associate, legacy_sign_in, until_waiting
from tests.world import Account, TestSyndic, World
from workers import alone, outbox, reminders

SUBJECT = "Votre accès à l'espace client évolue"


def near(world: World, accounts: int = 2, **days: float) -> TestSyndic:
    """A syndic whose owners must have chosen an address in so many days."""
    deadline = (clock.now() + timedelta(**days)).isoformat()
    return world.syndic(accounts, association_policy="required", association_deadline=deadline)


def address(syndic: TestSyndic, number: int = 0) -> str:
    email = syndic.accounts[number].email
    assert email is not None
    return email


def reminded(world: World, to: str) -> list[Arrived]:
    """The reminders that have arrived there after a round and its hours."""
    reminders.turn()
    world.later(hours=5)
    outbox.drain()
    return [mail for mail in world.mails_to(to) if mail.subject == SUBJECT]


def move_deadline(syndic: TestSyndic, **fields: Any) -> None:
    with transaction() as work:
        work.execute(update(Syndic).where(Syndic.id == syndics.get(syndic.slug).id).values(**fields))


def promises(syndic: TestSyndic) -> list[Promise]:
    session().expire_all()
    theirs = Promise.payload["syndic_id"].astext == str(syndics.get(syndic.slug).id)
    return list(session().scalars(select(Promise).where(Promise.topic == rounds.TOPIC, theirs)))


def test_each_owner_is_reminded_a_week_and_a_day_before_and_never_again(world: World) -> None:
    syndic = near(world, days=10)
    assert reminded(world, address(syndic)) == [], "ten days before there is time"
    world.later(days=3)
    assert len(reminded(world, address(syndic))) == 1, "a week before"
    for _ in range(3):
        assert len(reminded(world, address(syndic))) == 1, "and not again the same day"
    world.later(days=5, hours=6)
    assert len(reminded(world, address(syndic))) == 2, "a day before"
    assert len(reminded(world, address(syndic))) == 2
    world.later(days=2)
    assert len(reminded(world, address(syndic))) == 2, "past the deadline nobody is reminded of it"


def test_the_mail_says_what_to_do_until_when_and_names_nobody(world: World) -> None:
    syndic = near(world, days=6)
    (mail,) = reminded(world, address(syndic))
    assert syndic.name in mail.text
    assert f"/t/{syndic.slug}/help" in mail.text
    for told in (syndic.accounts[0].identifier, syndic.accounts[0].holder, "Dupont", "Appt 12"):
        assert told not in mail.text + (mail.html or ""), "nobody has proved this address: it learns of no owner"


def test_reminders_leave_over_hours_and_not_at_once(world: World) -> None:
    syndic = near(world, accounts=12, days=6)
    reminders.turn()
    due = sorted(each.due_at - clock.now() for each in promises(syndic))
    assert len(due) == 12
    assert due[-1] <= rounds.SPREAD
    assert due[-1] - due[0] > timedelta(minutes=20), "they are spread at random"


def test_several_accounts_at_one_address_are_one_mail(world: World) -> None:
    syndic = near(world, accounts=0, days=6)
    shared = f"famille@{syndic.slug}.example"
    for number, typed in enumerate((shared, shared.upper(), f"Famille@{syndic.slug}.EXAMPLE")):
        syndic.accounts.append(Account(f"2000000{number}", f"code-{number}", "SCI Famille", typed))
    world.import_accounts(syndic)
    assert len(reminded(world, shared)) == 1
    associate(world, syndic, syndic.accounts[0], f"une@{syndic.slug}.example")
    world.later(days=5, hours=-4)
    assert len(reminded(world, shared)) == 2, "the others still wait for their owner"


def linked(world: World, syndic: TestSyndic) -> None:
    associate(world, syndic, syndic.accounts[0], f"deja@{syndic.slug}.example")


def waiting(world: World, syndic: TestSyndic) -> None:
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    until_waiting(page, f"en-route@{syndic.slug}.example")
    world.work()


def optional(_world: World, syndic: TestSyndic) -> None:
    move_deadline(syndic, association_policy="optional")


def suspended(_world: World, syndic: TestSyndic) -> None:
    move_deadline(syndic, status="suspended")


def put_off(_world: World, syndic: TestSyndic) -> None:
    move_deadline(syndic, association_deadline=clock.now() + timedelta(days=60))


@pytest.mark.parametrize("what", [linked, waiting, optional, suspended, put_off])
@pytest.mark.parametrize("when", ["before it is promised", "before it is sent"])
def test_who_has_nothing_to_do_any_more_gets_none(
    world: World, what: Callable[[World, TestSyndic], None], when: str
) -> None:
    syndic = near(world, days=6)
    if when == "before it is sent":
        reminders.turn()
        assert promises(syndic), "it was promised"
    what(world, syndic)
    assert reminded(world, address(syndic)) == []


def test_who_began_an_attempt_of_late_knows_and_is_left_alone_even_where_it_came_to_nothing(world: World) -> None:
    syndic = near(world, days=20)
    waiting(world, syndic)
    world.later(days=14)
    assert reminded(world, address(syndic)) == [], "refused, mistyped or given up: they have been here"
    assert len(reminded(world, address(syndic, 1))) == 1, "the other owner has not"


def test_a_deadline_that_moves_is_reminded_of_anew_and_only_of_the_new_one(world: World) -> None:
    syndic = near(world, days=6)
    assert len(reminded(world, address(syndic))) == 1
    move_deadline(syndic, association_deadline=clock.now() + timedelta(days=40))
    world.later(days=6)
    assert len(reminded(world, address(syndic))) == 1, "the former one is nobody's business any more"
    world.later(days=28)
    assert len(reminded(world, address(syndic))) == 2


def test_a_suppressed_address_gets_none_and_a_capped_one_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    syndic = near(world, days=6)
    with transaction():
        suppression.suppress(address(syndic), "complaint")
    monkeypatch.setenv("TROUSSEAU_MAILS_PER_ADDRESS", "1")
    settings.cache_clear()
    assert all(caps.takes(each, None, None) for each in (address(syndic), address(syndic, 1)))
    assert reminded(world, address(syndic, 1)) == [], "the cap counts for every purpose"
    assert [each.done_at for each in promises(syndic)] == [None, None], "nothing is given up"
    monkeypatch.delenv("TROUSSEAU_MAILS_PER_ADDRESS")
    settings.cache_clear()
    world.later(hours=1)
    outbox.drain()
    assert len([mail for mail in world.mails_to(address(syndic, 1)) if mail.subject == SUBJECT]) == 1
    assert world.mails_to(address(syndic)) == [], "who complained is left alone"
    states = select(Mail.state).where(Mail.recipient == address(syndic))
    assert session().scalars(states).all() == ["refused"], "and the record says so"


def test_a_large_syndic_is_reminded_in_batches_of_which_each_address_is_in_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "BATCH", 3)
    monkeypatch.setenv("TROUSSEAU_MAILS_PER_SYNDIC", "12")
    settings.cache_clear()
    syndic = near(world, accounts=10, days=6)
    for expected in (6, 10, 10):  # half of what it may send in an hour, by whole batches
        reminders.turn()
        assert len(promises(syndic)) == expected
    named = {str(each.key) for each in promises(syndic)}
    assert not [key for key in named if syndic.slug in key.rpartition(":")[2]], "no key holds an address"


def test_two_turns_at_once_promise_nothing_twice(world: World) -> None:
    syndic = near(world, accounts=4, days=6)
    with transaction() as first:
        first.execute(select(func.pg_advisory_xact_lock(alone.REMINDERS)))
        with world.application.app_context():
            assert reminders.turn() == 0, "another process is at it"
    reminders.turn()
    reminders.turn()
    assert len(promises(syndic)) == 4
