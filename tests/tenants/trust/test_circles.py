"""Circles: who is admitted, when it takes effect, and what evidence it leaves."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import clock
from config.database import session
from config.errors import Refusal
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.trust import refusals, service
from tests.tenants.conftest import new_syndic
from tests.tenants.trust.acts import SECOND, Later, admit, circle, entries, evidence, trusted
from tests.tenants.trust.conftest import Three


def test_members_of_a_circle_trust_each_other_until_one_leaves(syndics: Three) -> None:
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    assert service.decide(syndics.a, syndics.b, "link") == service.Decision(True, "circle", "Cercle")
    service.leave(made, syndics.b)
    assert not trusted(syndics), "whoever left must not be trusted once more"
    admitted, left = "trust.members_admitted", "trust.member_left"
    assert evidence(made) == ["trust.circle_created", admitted, admitted, left], "the circle's chain has all of it"
    assert evidence(syndics.a) == [admitted], "a member's own chain has its own coming"
    assert evidence(syndics.b) == [admitted, left], "and its own going"


def test_a_members_chain_names_the_entry_of_the_circles_chain_with_its_hash(syndics: Three) -> None:
    """So whoever holds a member's chain can tell whether the circle's is the one of that day."""
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    service.leave(made, syndics.b)
    of_circle = {entry.sequence: entry.hash.hex() for entry in entries(made)}
    pinned = [entry.body["entry"] for entry in entries(syndics.b)]
    assert [entry["sequence"] for entry in pinned] == [3, 4], "its coming and its going are the circle's last two"
    assert all(of_circle[entry["sequence"]] == entry["sha256"] for entry in pinned), "by their hashes"
    platform = [entry.body["entry"] for entry in entries(PLATFORM) if entry.kind == "trust.member_left"]
    assert platform[-1] == pinned[-1], "the platform's chain names them too"
    assert audit.verify(made) == [], "the circle's chain is verified as any other"


def test_what_a_circle_of_any_size_writes_for_one_admission_is_the_same(app: Flask) -> None:  # noqa: ARG001 - the application's context
    """Loading a circle of 2,000 must not write two million entries."""
    made = circle()
    crowd = [new_syndic(f"foule-{number}") for number in range(30)]
    service.admit_all(made, crowd[:-1], consents=crowd)
    before = session().scalar(select(func.count()).select_from(LedgerEntry))
    admit(made, crowd[-1])
    after = session().scalar(select(func.count()).select_from(LedgerEntry))
    assert (after or 0) - (before or 0) == 3, "the circle's chain, the platform's and the newcomer's"
    assert len(entries(crowd[0])) == 1, "whoever was there holds its own admission"


@pytest.mark.parametrize("admission", ["operator", "each-member"])
def test_nobody_is_admitted_who_neither_asked_nor_consents(syndics: Three, admission: str) -> None:
    made = circle(admission)
    with pytest.raises(refusals.ConsentMissing, match="agence-a"):
        service.admit(made, syndics.a)
    service.join(made, syndics.a)
    with pytest.raises(refusals.AlreadyAsked):
        service.join(made, syndics.a)
    service.admit(made, syndics.a)
    with pytest.raises(refusals.AlreadyMember):
        service.join(made, syndics.a)
    assert evidence(syndics.a) == ["trust.membership_asked", "trust.members_admitted"]


def test_asking_grants_nothing_and_can_be_taken_back(syndics: Three) -> None:
    made = circle()
    admit(made, syndics.a)
    service.join(made, syndics.b)
    assert not trusted(syndics), "one side alone grants nothing"
    service.leave(made, syndics.b)
    with pytest.raises(refusals.ConsentMissing):
        service.admit(made, syndics.b)
    assert evidence(syndics.b) == ["trust.membership_asked", "trust.request_withdrawn"]


def test_a_request_admits_once(syndics: Three) -> None:
    made = circle()
    service.join(made, syndics.a)
    service.admit(made, syndics.a)
    service.leave(made, syndics.a)
    with pytest.raises(refusals.ConsentMissing):
        service.admit(made, syndics.a)


def test_a_membership_that_was_called_off_can_be_made_again_from_the_same_day(syndics: Three) -> None:
    made, day = circle(), clock.now() + SECOND
    admit(made, syndics.a, valid_from=day)
    service.leave(made, syndics.a)
    admit(made, syndics.a, valid_from=day)


def test_a_member_that_left_may_come_back(syndics: Three, later: Later) -> None:
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    service.leave(made, syndics.b)
    later(SECOND)
    admit(made, syndics.b)
    assert trusted(syndics), "a new admission is a new trust"


def test_leaving_ends_a_membership_that_was_to_begin(syndics: Three, later: Later) -> None:
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b, valid_from=clock.now() + SECOND)
    service.leave(made, syndics.b)
    later(SECOND * 2)
    assert not trusted(syndics), "what was called off must not begin"


def test_a_circle_that_admits_by_each_member_needs_everybodys_consent(syndics: Three) -> None:
    made = circle("each-member")
    service.admit(made, syndics.a, consents=[syndics.a])
    with pytest.raises(refusals.ConsentMissing, match="agence-a"):
        service.admit(made, syndics.b, consents=[syndics.b])
    assert not trusted(syndics), "a member admitted nobody without saying so"
    service.admit(made, syndics.b, consents=[syndics.a, syndics.b])
    assert trusted(syndics)


@pytest.mark.parametrize(
    ("dates", "refusal"),
    [
        ({"valid_from": datetime(2020, 1, 1, tzinfo=UTC)}, refusals.Backdated),
        ({"valid_until": datetime(2020, 1, 1, tzinfo=UTC)}, refusals.DatesReversed),
    ],
)
def test_a_membership_with_impossible_dates_is_refused(
    syndics: Three, dates: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        admit(circle(), syndics.a, **dates)


def test_circles_and_members_that_do_not_exist_are_refused_by_their_names(syndics: Three) -> None:
    made = circle()
    with pytest.raises(refusals.UnknownCircle):
        admit(uuid.uuid4(), syndics.a)
    with pytest.raises(refusals.UnknownSyndic):
        admit(made, uuid.uuid4())
    with pytest.raises(refusals.NotMember):
        service.leave(made, syndics.a)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        (("Cercle", "C", "operator", ["link"]), refusals.CircleExists),
        (("X", "C", "by chance", ["link"]), refusals.UnknownAdmission),
        (("X", "C", "operator", ["spy"]), refusals.UnknownPurpose),
        (("X", "C", "operator", []), refusals.UnknownPurpose),
        ((" ", "C", "operator", ["link"]), refusals.Nameless),
        (("X", " ", "operator", ["link"]), refusals.Nameless),
    ],
)
@pytest.mark.usefixtures("syndics")
def test_a_circle_that_makes_no_sense_is_refused_by_its_name(
    values: tuple[str, str, str, list[str]], refusal: type[Refusal]
) -> None:
    circle()
    with pytest.raises(refusal):
        service.create_circle(*values)


def test_a_membership_that_overlaps_another_is_refused(syndics: Three) -> None:
    made = circle()
    admit(made, syndics.a, valid_until=clock.now() + SECOND)
    with pytest.raises(refusals.AlreadyMember):
        admit(made, syndics.a)
    admit(made, syndics.a, valid_from=clock.now() + SECOND * 2)
