"""Once a day each source is asked of what it has disabled: what came back is disabled again, and operators see it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from config import clock
from config.database import session, transaction
from config.outbox import Lane, Promise
from tenants.audit.models import LedgerEntry
from tenants.legacy import returns, service
from tenants.legacy.connectors.source import public_jwks
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.contracts.syndic_service import Person, SyndicService
from tests.workers.test_legacy import confirmed_account
from workers import outbox, probing

A_DAY, AN_HOUR = timedelta(days=1, minutes=1), timedelta(hours=1)


@pytest.fixture
def syndic(app: Flask) -> Iterator[SyndicService]:  # noqa: ARG001 - the application's context
    """A syndic's own service."""
    with SyndicService() as running:
        yield running


def disabled_at(syndic: SyndicService, identifier: str = "10042317") -> LegacyAccount:
    """An account that this service has disabled, as it should."""
    account = confirmed_account(syndic.base_url)
    with transaction():
        account.identifier = identifier
        syndic.trusts = public_jwks(account.syndic_id)
    syndic.people[identifier] = Person("secret", "Mme Petit", None, "")
    outbox.drain("legacy.disable")
    assert current(account).state == "disabled"
    return account


def current(account: LegacyAccount) -> LegacyAccount:
    """The row as it is now."""
    session().expire_all()
    return session().get_one(LegacyAccount, account.id)


class Days:
    """Days go by; beat asks at each, and the worker acts within the hour. Only about one syndic."""

    def __init__(self, account: LegacyAccount) -> None:
        self.account, self.passed = account, timedelta()

    def one(self) -> None:
        """A day."""
        self.passed += A_DAY
        clock.shift(self.passed)
        self.ask()

    def ask(self) -> None:
        """Beat's turn, and what comes of it."""
        probing.turn()
        self._only_ours()
        self.passed += AN_HOUR
        clock.shift(self.passed)
        outbox.drain("legacy.probe")
        outbox.drain("legacy.disable")

    def _only_ours(self) -> None:
        ours = Promise.payload["syndic_id"].astext == str(self.account.syndic_id)
        with transaction() as work:
            work.execute(delete(Promise).where(Promise.topic == "legacy.probe", ~ours))


def entries(account: LegacyAccount, kind: str) -> int:
    """How often the ledger tells it of the account's syndic."""
    wanted = select(func.count()).where(LedgerEntry.chain == account.syndic_id, LedgerEntry.kind == kind)
    return session().scalar(wanted) or 0


def asked(syndic: SyndicService) -> int:
    """How often the service was asked what became of an account."""
    return sum(request.startswith("GET ") for request in syndic.requests)


def slug_of(account: LegacyAccount) -> str:
    return syndics.by_id(account.syndic_id).slug


def test_an_account_that_came_back_is_disabled_again_with_evidence_and_shown(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    first = current(account).receipt
    syndic.people["10042317"].disabled = False  # an export was restored
    Days(account).one()
    assert current(account).state == "disabled"
    assert syndic.people["10042317"].disabled, "at its source"
    assert syndic.people["10042317"].disablements == 2
    assert account.receipt != first, "the second receipt is another one"
    assert entries(account, "legacy.returned") == 1
    assert entries(account, "legacy.disabled") == 2
    listed = returns.listed(slug_of(account))
    assert [(one.identifier, one.returns, one.fought) for one in listed] == [("10042317", 1, True)]


def test_each_account_is_asked_of_once_a_day(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    days = Days(account)
    days.ask()
    assert asked(syndic) == 0, "its source has said it today"
    days.one()
    days.ask()
    assert asked(syndic) == 1
    days.one()
    assert asked(syndic) == 2


def test_two_beats_at_once_promise_one_turn(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    clock.shift(A_DAY)
    probing.turn()
    probing.turn()
    waiting = select(Promise).where(
        Promise.topic == "legacy.probe", Promise.payload["syndic_id"].astext == str(account.syndic_id)
    )
    rows = session().scalars(waiting).all()
    assert len(rows) == 1
    assert rows[0].due_at - rows[0].created_at <= AN_HOUR, "somewhen within the hour, before beat comes again"
    assert rows[0].lane is not None, "a dead source must keep nobody else's waiting"


@pytest.mark.parametrize("word", ["disabled", "verrouillé", "unknown"])
def test_another_word_than_active_is_no_return(syndic: SyndicService, word: str) -> None:
    account = disabled_at(syndic)
    if word == "unknown":
        syndic.people.clear()
    else:
        syndic.people["10042317"].word = word
    Days(account).one()
    assert asked(syndic) == 1
    assert current(account).returned_at is None
    assert entries(account, "legacy.returned") == 0


def test_a_fight_without_end_ends_and_stands_before_an_operator_who_may_go_on(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    days = Days(account)
    for _ in range(returns.MOST_FIGHTS + 3):
        syndic.people["10042317"].disabled = False
        days.one()
    assert syndic.people["10042317"].disablements == 1 + returns.MOST_FIGHTS
    assert entries(account, "legacy.returned") == returns.MOST_FIGHTS + 1, "the last one says that it is given up"
    assert [one.fought for one in returns.listed(slug_of(account))] == [False]
    with transaction():
        returns.fight_on(current(account))
    outbox.drain("legacy.disable")
    assert syndic.people["10042317"].disabled, "by hand it is disabled once more"


def test_an_account_that_waits_for_a_new_secret_is_left_alone(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    with transaction():
        service.reissue(current(account))
    syndic.people["10042317"].disabled = False
    Days(account).one()
    assert asked(syndic) == 0, "what is active there may be the new one"


def test_many_accounts_are_asked_of_in_several_turns(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    with transaction() as work:
        for number in range(probing.BATCH + 5):
            facts = {"holder": "M. Petit", "label": "", "email": None, "imported_at": clock.now(), "state": "disabled"}
            work.add(LegacyAccount(syndic_id=account.syndic_id, identifier=f"N{number}", receipt={}, **facts))
    days = Days(account)
    days.one()
    for _ in range(3):
        days.passed += timedelta(minutes=1)
        clock.shift(days.passed)
        outbox.drain("legacy.probe")
    assert asked(syndic) == probing.BATCH + 6


def test_a_source_that_does_not_answer_opens_its_lane_and_what_was_asked_before_counts(syndic: SyndicService) -> None:
    account = disabled_at(syndic)
    syndic.fault = lambda handler: handler.connection.close()
    days = Days(account)
    days.one()
    lane = session().scalars(select(Lane).where(Lane.name.contains(str(account.syndic_id)))).one()
    assert lane.failures == 1, "its lane knows"
    assert current(account).probed_at is not None
    syndic.fault = None
    syndic.people["10042317"].disabled = False
    days.passed += timedelta(minutes=20)
    clock.shift(days.passed)
    outbox.drain("legacy.probe")
    assert current(account).returns == 1, "it is asked again once it answers"
