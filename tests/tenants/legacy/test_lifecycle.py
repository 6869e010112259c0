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
from tenants.legacy import closing, returns, service
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.connectors.imported import ImportedConnector
from tenants.legacy.models import STATES, LegacyAccount
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
    ("active", "let_go"): "active",
    ("pending", "let_go"): "pending",
    ("linked", "let_go"): "active",
    ("pending", "link"): "linked",
    ("linked", "link"): "linked",
    ("pending", "link_and_disable"): "disable_requested",
    ("linked", "link_and_disable"): "disable_requested",
    ("disable_requested", "record_disabled"): "disabled",
    ("disabled", "record_disabled"): "disabled",
    ("active", "reissue"): "disable_requested",
    ("pending", "reissue"): "disable_requested",
    ("linked", "reissue"): "disable_requested",
    ("disable_requested", "reissue"): "disable_requested",
    ("disabled", "reissue"): "disabled",
    ("disabled", "record_reissued"): "active",
    ("disabled", "fight_on"): "disable_requested",
    **{(state, "close"): "closed" for state in STATES if state != "closed"},
}
"""Every legal step, and where it leads; every other one is refused and changes nothing."""

ACTIONS: dict[str, Callable[[LegacyAccount], None]] = {
    "mark_pending": service.mark_pending,
    "release": service.release,
    "let_go": lambda account: service.let_go(account, waits=False),
    "link": lambda account: service.confirm(account, disable=False),
    "link_and_disable": lambda account: service.confirm(account, disable=True),
    "record_disabled": lambda account: service.record_disabled(account, Receipt("done", clock.now())),
    "reissue": service.reissue,
    "record_reissued": lambda account: service.record_reissued(account, Receipt("new", clock.now())),
    "fight_on": returns.fight_on,
    "close": lambda account: closing.close(account, "sale"),
}
RAISE_THE_EPOCH = {"link", "link_and_disable", "close", "record_reissued"}
ENTRIES = ("legacy.disabled", "legacy.reissued", "account.closed", "legacy.returned")


class Account(RuleBasedStateMachine):
    """One account of a remote source, whatever is done to it in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.syndic = a_syndic("http", "http://127.0.0.1:9", legacy_disable="never")
        self.account = an_account(self.syndic, secret=SECRET)
        self.epoch = self.disablements = 0
        self.recorded: dict[str, int] = dict.fromkeys(ENTRIES, 0)
        self.subjects = {self.account.sub}

    @rule(action=st.sampled_from(sorted(ACTIONS)))
    def step(self, action: str) -> None:
        before, epoch = self.account.state, self.account.epoch
        asked, key, receipt = self.account.reissue_key, self.account.disable_key, self.account.receipt
        after = STEPS.get((before, action))
        if action == "record_reissued" and asked is None:
            after = None
        if (before, action) == ("closed", "record_disabled") and key is not None:
            after = "closed"
        if after is None:
            with pytest.raises(IllegalTransition):
                ACTIONS[action](self.account)
            assert (self.account.state, self.account.epoch) == (before, epoch), "a refused step must change nothing"
            return
        ACTIONS[action](self.account)
        session().flush()
        assert self.account.state == after
        self._count(action, before, first_doubt=asked is None, first_receipt=receipt is None)

    @rule()
    def be_associated_and_disabled(self) -> None:
        """What most accounts go through, so that chance need not find it step by step."""
        for action in ("mark_pending", "link_and_disable", "record_disabled"):
            self.step(action)

    def _count(self, action: str, before: str, *, first_doubt: bool, first_receipt: bool) -> None:
        self.epoch += action in RAISE_THE_EPOCH or (action == "reissue" and first_doubt)
        living = before in {"active", "pending", "linked"}
        asked_for = {"link_and_disable": True, "reissue": living, "close": living, "fight_on": True}
        self.disablements += asked_for.get(action, False)
        self.recorded["legacy.disabled"] += action == "record_disabled" and first_receipt
        self.recorded["legacy.reissued"] += action == "record_reissued"
        self.recorded["account.closed"] += action == "close"
        self.recorded["legacy.returned"] += action == "fight_on"
        if action == "record_reissued":
            assert self.account.sub not in self.subjects, "who holds the new secret need not be who held the former"
            self.subjects.add(self.account.sub)

    @rule(said=st.sampled_from(["active", "disabled", "unknown"]))
    def the_source_is_asked(self, said: str) -> None:
        before, key = self.account.state, self.account.disable_key
        asked, times = self.account.reissue_key, self.account.returns
        came_back = returns.note(self.account, said)
        session().flush()
        assert came_back is (before == "disabled" and said == "active" and asked is None)
        if not came_back:
            assert (self.account.state, self.account.disable_key) == (before, key)
            return
        fought = times < returns.MOST_FIGHTS
        assert self.account.state == ("disable_requested" if fought else "disabled")
        assert (self.account.disable_key != key) is fought, "the source must tell it from the disablement before"
        self.disablements += fought
        self.recorded["legacy.returned"] += times <= returns.MOST_FIGHTS

    @rule()
    def try_the_hash_that_we_hold(self) -> None:
        opens = ImportedConnector(self.syndic.id).verify(self.account.identifier, SECRET) is not None
        assert opens is (self.account.secret_hash is not None), "with its hash the secret is gone"

    @invariant()
    def the_epoch_rose_with_each_link_doubt_new_secret_and_end(self) -> None:
        assert self.account.epoch == self.epoch

    @invariant()
    def each_disablement_is_promised_once_under_a_key_of_its_own(self) -> None:
        promised = select(Promise.key).where(
            Promise.topic == "legacy.disable", Promise.payload["account_id"].astext == str(self.account.id)
        )
        keys = list(session().scalars(promised))
        assert len(keys) == self.disablements, "each wish is a promise: a key that was used before promises nothing"
        if self.account.state == "disable_requested":
            assert self.account.disable_key in keys

    @invariant()
    def everything_that_happened_is_in_the_ledger_once(self) -> None:
        found = select(LedgerEntry.kind, func.count()).where(LedgerEntry.chain == self.syndic.id)
        counted = {row[0]: row[1] for row in session().execute(found.group_by(LedgerEntry.kind))}
        assert {kind: counted.get(kind, 0) for kind in ENTRIES} == self.recorded

    @invariant()
    def the_hash_is_erased_with_the_secret(self) -> None:
        dead = self.account.state in {"disabled", "closed"}
        if dead:
            assert (self.account.secret_hash, self.account.secret_scheme) == (None, None)
        assert (self.account.receipt is not None) or self.account.state != "disabled"
        assert not dead or self.epoch, "nothing may be disabled without a link, a doubt or an end (I6)"


def test_an_account_walks_its_states_and_no_others() -> None:
    run_state_machine_as_test(Account, settings=settings(max_examples=40, stateful_step_count=18, deadline=None))


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
