"""The judge can fail: whatever is altered makes it speak, and an undisturbed run is not complained of."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest

from tests.faults.deployment import Deployment
from tests.faults.history import Outcome
from tests.faults.trial import Trial, trial

ROWS = {
    "I1: #": "UPDATE links SET state = 'ended'",
    "I1: p": "UPDATE identities SET password_hash = (SELECT password_hash FROM identities ORDER BY id LIMIT 1)",
    "I2:": "UPDATE links SET proofs = proofs[1:1]",
    "I4: ": "UPDATE mails SET state = 'deferred' WHERE kind = 'association_confirm'",
    "disabled 0 times at its source": "UPDATE legacy_accounts SET secret_hash = 'x', secret_scheme = 'y'",
    "I4: ('p": "UPDATE legacy_accounts SET state = 'linked' WHERE state = 'disabled'",
    "I6: {": "UPDATE legacy_accounts SET state = 'disabled' WHERE state = 'active'",
}
"""What the judge must say, and what is done to the tables, for its eyes only."""
OUTCOMES = [
    ("mistype", "acknowledged", "I3:"),
    ("detach", "refused", "I1: #"),
    ("associate", "refused", "I3:"),
    ("trust", "acknowledged", "I1: #"),
]
"""Acts of a kind, how the history then says they ended, and what the judge must say."""


@pytest.fixture(scope="module")
def quiet(deployed: Deployment) -> Trial:
    """A trial in which nothing broke."""
    deployed.until("the service is whole", deployed.answers)
    with trial(deployed, "no fault") as undisturbed:
        undisturbed.lasts(seconds=3)
    return undisturbed


def test_an_undisturbed_service_lets_nobody_wait(quiet: Trial) -> None:
    assert quiet.history.outages.longest_s == 0, "nobody waits where nothing breaks"
    assert not quiet.history.outages.failures, "nothing fails where nothing breaks"
    for kind in ("associate", "sign-in", "refresh", "reset", "detach"):
        assert quiet.history.of(kind, "acknowledged"), f"owners come to {kind}"
    assert quiet.history.of("mistype", "refused"), "a wrong password is refused"
    assert quiet.complaints() == []


@pytest.mark.parametrize("says", ROWS)
def test_a_row_that_is_altered_is_complained_of(quiet: Trial, says: str) -> None:
    found = quiet.complaints(ROWS[says])
    assert any(says in complaint for complaint in found), f"the judge says {says!r}, not {found[:5]}"


@pytest.mark.parametrize(("kind", "outcome", "says"), OUTCOMES)
def test_an_outcome_that_was_another_is_complained_of(quiet: Trial, kind: str, outcome: Outcome, says: str) -> None:
    with _history_of_its_own(quiet):
        for act in quiet.history.of(kind):
            act.outcome = outcome
            act.facts["members"] = ["somebody-else"]
        found = quiet.complaints()
    assert any(complaint.startswith(says) for complaint in found), f"the judge says {says!r}, not {found[:5]}"


def test_a_sign_in_to_another_account_is_complained_of(quiet: Trial) -> None:
    with _history_of_its_own(quiet):
        quiet.history.of("sign-in", "acknowledged")[0].facts["identifier"] = "99999999"
        found = quiet.complaints()
    assert any(complaint.startswith("I3:") for complaint in found), found[:5]


def test_what_nobody_asked_for_is_complained_of(quiet: Trial) -> None:
    with _history_of_its_own(quiet):
        quiet.history.acts = [act for act in quiet.history.acts if act.kind != "associate"]
        found = quiet.complaints()
    assert any(complaint.startswith("nobody asked for the link") for complaint in found), found[:5]


def test_a_second_effect_and_an_early_one_and_a_strange_one_are_complained_of(quiet: Trial) -> None:
    books = quiet.deployment.extranet.people
    people = [books[account.identifier] for account in quiet.houses[1].accounts]
    disabled = next(person for person in people if person.disablements)
    untouched = next(person for person in people if not person.disablements)
    disabled.disablements = untouched.disablements = 2
    quiet.deployment.extranet.calls["disable", "of nobody"] = 1
    try:
        found = quiet.complaints()
    finally:
        disabled.disablements, untouched.disablements = 1, 0
        del quiet.deployment.extranet.calls["disable", "of nobody"]
    for says in ("disabled 2 times at its source", "I6: ", "nobody promised ('disable', 'of nobody')"):
        assert any(says in complaint for complaint in found), f"the judge says {says!r}, not {found[:5]}"


def test_a_ledger_with_a_gap_is_complained_of(quiet: Trial) -> None:
    with quiet.deployment.database() as sql:
        sql.execute("CREATE TEMP TABLE kept AS SELECT * FROM ledger WHERE kind = 'terms.accepted' ORDER BY id LIMIT 1")
        sql.execute("DELETE FROM ledger WHERE id IN (SELECT id FROM kept)")
        sql.commit()
        found = quiet.complaints()
        sql.execute("INSERT INTO ledger SELECT * FROM kept")
        sql.commit()
    assert any(complaint.startswith("I5:") for complaint in found), found[:5]


def test_a_retired_code_that_works_is_complained_of(quiet: Trial) -> None:
    house = next(
        each for each in quiet.houses if each.slug == quiet.history.of("associate", "acknowledged")[0].facts["syndic"]
    )
    right = [(account, account.password) for account in house.accounts]
    for account, _ in right:
        account.password = "another code, which is not the retired one"
    found = quiet.complaints()
    for account, password in right:
        account.password = password
    assert any(complaint.startswith("I6: the retired code") for complaint in found), found[:5]


@contextmanager
def _history_of_its_own(quiet: Trial) -> Iterator[None]:
    kept = quiet.history.acts
    quiet.history.acts = deepcopy(kept)
    try:
        yield
    finally:
        quiet.history.acts = kept
