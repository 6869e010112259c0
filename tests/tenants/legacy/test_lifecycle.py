"""Promises of an account's states, walked at random on the real database."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, text

from config import clock
from config.database import session
from config.outbox import Promise
from tenants.audit.models import LedgerEntry
from tenants.legacy import service
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.connectors.imported import ImportedConnector
from tenants.legacy.models import LegacyAccount
from tenants.legacy.refusals import IllegalTransition
from tests.tenants.legacy.examples import a_syndic, an_account

pytestmark = pytest.mark.usefixtures("app")
SECRET = "Lilas-2026"

STEPS: dict[tuple[str, str], str] = {
    ("active", "mark_pending"): "pending",
    ("pending", "mark_pending"): "pending",
    ("linked", "mark_pending"): "linked",
    ("active", "release"): "active",
    ("pending", "release"): "active",
    ("linked", "release"): "linked",
    ("pending", "link"): "linked",
    ("linked", "link"): "linked",
    ("pending", "link_and_disable"): "disable_requested",
    ("linked", "link_and_disable"): "disable_requested",
    ("disable_requested", "record_disabled"): "disabled",
    ("disabled", "record_disabled"): "disabled",
}
"""Every legal step, and where it leads; every other one is refused and changes nothing."""

ACTIONS: dict[str, Callable[[LegacyAccount], None]] = {
    "mark_pending": service.mark_pending,
    "release": service.release,
    "link": lambda account: service.confirm(account, disable=False),
    "link_and_disable": lambda account: service.confirm(account, disable=True),
    "record_disabled": lambda account: service.record_disabled(account, Receipt("done", clock.now())),
}


class Account(RuleBasedStateMachine):
    """One account, whatever is done to it in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.syndic = a_syndic(legacy_disable="never")
        self.account = an_account(self.syndic, secret=SECRET)
        self.links = self.promises = self.receipts = 0

    @rule(action=st.sampled_from(sorted(ACTIONS)))
    def step(self, action: str) -> None:
        before = self.account.state
        after = STEPS.get((before, action))
        if after is None:
            with pytest.raises(IllegalTransition):
                ACTIONS[action](self.account)
            assert self.account.state == before, "a refused step must change nothing"
            return
        ACTIONS[action](self.account)
        session().flush()
        assert self.account.state == after
        self.links += action.startswith("link")
        self.promises += action == "link_and_disable"
        self.receipts += (before, after) == ("disable_requested", "disabled")

    @rule()
    def sign_in_with_the_right_secret(self) -> None:
        verified = service.verify(self.syndic, self.account.identifier, SECRET, wait=lambda _: None)
        retired = self.account.state in {"disable_requested", "disabled"}
        if retired and self.account.tombstone is None and self.account.secret_hash is None:
            assert verified is None, "with neither tombstone nor hash nobody can be told apart"
        else:
            assert verified == service.Verified(self.account, retired=retired)

    @invariant()
    def every_link_raised_the_epoch_once(self) -> None:
        assert self.account.epoch == self.links

    @invariant()
    def a_disablement_is_promised_with_its_link_and_recorded_once(self) -> None:
        promised = session().scalars(
            select(Promise.key).where(Promise.payload["account_id"].astext == str(self.account.id))
        )
        keys = list(promised)
        assert len(keys) == self.promises
        assert keys == [self.account.disable_key] * self.promises
        entries = select(func.count()).where(LedgerEntry.chain == self.syndic.id, LedgerEntry.kind == "legacy.disabled")
        assert session().scalar(entries) == self.receipts

    @invariant()
    def the_hash_is_erased_exactly_when_the_source_said_so(self) -> None:
        disabled = self.account.state == "disabled"
        assert (self.account.secret_hash is None) == disabled
        assert (self.account.secret_scheme is None) == disabled
        assert (self.account.receipt is not None) == disabled
        assert not disabled or self.links, "nothing may be disabled without a link (I6)"


def test_an_account_walks_its_states_and_no_others() -> None:
    run_state_machine_as_test(Account, settings=settings(max_examples=30, stateful_step_count=15, deadline=None))


def test_a_step_judges_the_row_as_it_is_and_not_as_it_was_read() -> None:
    account = an_account(a_syndic())
    session().execute(text("UPDATE legacy_accounts SET state = 'disabled' WHERE id = :id"), {"id": account.id})
    assert account.state == "active", "the object is as it was read long ago"
    with pytest.raises(IllegalTransition):
        service.mark_pending(account)


def test_the_receipt_of_the_first_answer_stays() -> None:
    account = an_account(a_syndic(), state="pending")
    service.confirm(account, disable=True)
    first = Receipt("first", clock.now())
    service.record_disabled(account, first)
    service.record_disabled(account, Receipt("second", clock.now()))
    assert account.receipt == {"receipt": "first", "disabled_at": first.disabled_at.isoformat()}
    assert account.disabled_at == first.disabled_at


def test_the_imported_source_is_disabled_before_the_receipt_and_stays_so_after_it() -> None:
    account = an_account(a_syndic(), state="pending")
    service.confirm(account, disable=True)
    source = ImportedConnector(account.syndic_id)
    assert account.disable_key is not None
    receipt = source.disable(account.identifier, account.disable_key)
    service.record_disabled(account, receipt)
    session().flush()
    again = source.disable(account.identifier, account.disable_key)
    assert again == receipt, "a repeated disablement gives the same receipt, with the same instant"
    assert source.status(account.identifier) == "disabled"
