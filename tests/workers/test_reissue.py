"""A new secret for an account whose former one is in doubt: the former dies first, at its source, for good (R6, I6)."""

from datetime import timedelta

import pytest

from config import clock
from config.database import session, transaction
from config.outbox import Promise
from tenants.legacy import lifecycle, service
from tenants.legacy.models import LegacyAccount
from tenants.legacy.refusals import IllegalTransition
from tests.workers import test_legacy
from tests.workers.conftest import the_promise
from tests.workers.test_legacy import Source, confirmed_account
from workers import outbox

source = test_legacy.source


def in_doubt(account: LegacyAccount) -> LegacyAccount:
    """What a contest does."""
    with transaction():
        service.reissue(account)
    return account


@pytest.mark.parametrize("state", ["active", "pending", "linked", "disable_requested", "disabled"])
def test_from_any_living_state_the_secret_is_disabled_and_a_new_one_promised(state: str) -> None:
    account = confirmed_account(None)
    with transaction():
        account.state = state
    before = account.epoch
    in_doubt(account)
    assert account.epoch == before + 1, "whatever rests on the former secret dies"
    assert account.state in {"disable_requested", "disabled"}, "nobody signs in with it from now on"
    assert the_promise("legacy.reissue").key == account.reissue_key


def test_a_closed_account_gets_none() -> None:
    account = confirmed_account(None)
    with transaction():
        account.state = "closed"
    with pytest.raises(IllegalTransition), transaction():
        service.reissue(account)


def test_asked_for_again_meanwhile_nothing_more_is_promised() -> None:
    account = in_doubt(in_doubt(confirmed_account(None)))
    assert session().query(Promise).filter_by(topic="legacy.reissue").count() == 1
    assert account.epoch == 2, "once for the link, once for the doubt"


def test_the_source_disables_before_it_issues_anew_whichever_is_claimed_first(source: Source) -> None:
    account = in_doubt(confirmed_account(source.url))
    asked = account.reissue_key
    former = account.sub
    outbox.drain("legacy.reissue")
    assert source.keys == [], "a disablement that comes late would hit the new secret"
    outbox.drain("legacy.disable")
    clock.shift(timedelta(seconds=2))
    outbox.drain("legacy.reissue")
    assert source.keys == [f"legacy.disable:{account.public_id}:1", asked]
    session().expire_all()
    assert (account.state, account.reissue_key) == ("active", None)
    assert account.sub != former, "who gets the new secret need not be who had the former one"
    assert source.open_transactions == [0, 0], "no transaction is open while the source is asked"


def test_a_source_that_fails_is_asked_again_with_the_same_key(source: Source) -> None:
    account = in_doubt(confirmed_account(source.url))
    outbox.drain("legacy.disable")
    source.status = 500
    outbox.drain("legacy.reissue")
    session().expire_all()
    assert account.state == "disabled"
    source.status = 200
    clock.shift(timedelta(seconds=2))
    outbox.drain("legacy.reissue")
    session().expire_all()
    assert account.state == "active"
    assert source.keys[1] == source.keys[2], "the source can tell a repetition from a second wish"


def test_an_imported_source_waits_for_the_syndics_next_export() -> None:
    account = in_doubt(confirmed_account(None))
    outbox.drain("legacy.disable")
    clock.shift(timedelta(seconds=2))
    outbox.drain("legacy.reissue")
    session().expire_all()
    assert the_promise("legacy.reissue").result == {"reissued": False}
    assert (account.state, account.reissue_key is not None) == ("disabled", True)


def test_a_promise_that_was_overtaken_does_nothing(source: Source) -> None:
    account = in_doubt(confirmed_account(source.url))
    outbox.drain("legacy.disable")
    with transaction():
        account.reissue_key = "another"
    outbox.drain("legacy.reissue")
    assert the_promise("legacy.reissue").result == {"reissued": False}
    assert len(source.keys) == 1


def test_where_the_source_cannot_be_asked_an_operator_says_that_the_syndic_has_made_a_new_one(source: Source) -> None:
    account, ours = in_doubt(confirmed_account(source.url)), in_doubt(confirmed_account(None))
    outbox.drain("legacy.disable")
    session().expire_all()
    with transaction():
        lifecycle.record_reissued_by_hand(account)
    assert (account.state, account.reissue_key) == ("active", None)
    with pytest.raises(IllegalTransition), transaction():
        lifecycle.record_reissued_by_hand(ours)
    clock.shift(timedelta(seconds=2))
    outbox.drain("legacy.reissue")
    assert len(source.keys) == 1, "the promise finds nothing to do any more"
