"""Promises of the registry's changes: who may do what, when it takes effect, and what evidence it leaves."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from config import clock
from config.database import session, transaction
from config.errors import Refusal
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.trust import refusals, service
from tenants.trust.models import PURPOSES, Agreement
from tests.tenants.conftest import new_syndic
from tests.tenants.trust.conftest import Three

Later = Callable[[timedelta], None]
SECOND = timedelta(seconds=1)


def propose(syndics: Three, **changes: Any) -> Agreement:
    offer: dict[str, Any] = {"forward": PURPOSES, "backward": PURPOSES, "document": "ACC-2026-1"}
    return service.propose(syndics.a, syndics.b, **(offer | changes))


def agreed(syndics: Three) -> Agreement:
    agreement = propose(syndics)
    service.accept(agreement.id, syndics.b)
    return agreement


def trusted(syndics: Three) -> bool:
    return service.decide(syndics.a, syndics.b, "switch").allowed


def evidence(chain: uuid.UUID) -> list[str]:
    rows = select(LedgerEntry.kind).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence)
    return list(session().scalars(rows))


def test_what_is_proposed_and_accepted_holds_at_once(syndics: Three) -> None:
    agreement = propose(syndics)
    assert not trusted(syndics), "a proposal grants nothing"
    service.accept(agreement.id, syndics.b)
    assert trusted(syndics), "an accepted agreement holds from that moment"


@pytest.mark.parametrize("change", [service.suspend, service.end])
@pytest.mark.parametrize("side", [0, 1, None])
def test_either_side_and_the_platform_stop_an_agreement_at_once(
    syndics: Three, change: Callable[[uuid.UUID, uuid.UUID], None], side: int | None
) -> None:
    agreement = agreed(syndics)
    change(agreement.id, PLATFORM if side is None else syndics[side])
    assert not trusted(syndics), "stopped trust must not be used once more"


def test_what_was_trusted_before_the_end_can_still_be_told_afterwards(syndics: Three, later: Later) -> None:
    agreement = agreed(syndics)
    before = clock.now()
    later(SECOND)
    service.end(agreement.id, syndics.a)
    assert service.decide(syndics.a, syndics.b, "link", before).allowed, "ending must not rewrite the past"


VERBS = {"accepts": service.accept, "suspends": service.suspend, "ends": service.end}


@pytest.mark.parametrize(
    ("story", "refusal"),
    [
        ("a accepts", refusals.NotItsSide),
        ("c accepts", refusals.NotItsSide),
        ("c suspends", refusals.NotItsSide),
        ("c ends", refusals.NotItsSide),
        ("b accepts, b accepts", refusals.AlreadyAccepted),
        ("a ends, b accepts", refusals.AlreadyEnded),
        ("b accepts, a ends, b ends", refusals.AlreadyEnded),
        ("b accepts, a ends, b suspends", refusals.AlreadyEnded),
        ("a suspends, b accepts", refusals.AlreadySuspended),
        ("b accepts, a suspends, b suspends", refusals.AlreadySuspended),
    ],
)
def test_the_last_act_of_such_a_story_is_refused_by_its_name_and_changes_nothing(
    syndics: Three, story: str, refusal: type[Refusal]
) -> None:
    agreement = propose(syndics)
    *acts, last = [act.split() for act in story.split(", ")]
    for who, verb in acts:
        VERBS[verb](agreement.id, getattr(syndics, who))
    before = (trusted(syndics), evidence(syndics.a))
    with pytest.raises(refusal):
        VERBS[last[1]](agreement.id, getattr(syndics, last[0]))
    assert (trusted(syndics), evidence(syndics.a)) == before, "a refused act must change nothing and leave no evidence"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_an_agreement_that_does_not_exist_is_refused_by_its_name(syndics: Three, verb: str) -> None:
    with pytest.raises(refusals.UnknownAgreement):
        VERBS[verb](uuid.uuid4(), syndics.a)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"forward": ["link", "spy"]}, refusals.UnknownPurpose),
        ({"forward": [], "backward": []}, refusals.UnknownPurpose),
        ({"backward": ["switch"]}, refusals.LinkNotSymmetric),
        ({"document": "  "}, refusals.Nameless),
        ({"valid_until": datetime(2020, 1, 1, tzinfo=UTC)}, refusals.DatesReversed),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused_by_its_name(
    syndics: Three, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        propose(syndics, **changes)
    assert session().scalars(select(Agreement)).all() == [], "a refused proposal must not be kept"


@pytest.mark.parametrize("act", [service.deny, lambda one, other: propose(Three(one, other, other))])
def test_both_sides_must_be_syndics_and_different_ones(
    syndics: Three, act: Callable[[uuid.UUID, uuid.UUID], object]
) -> None:
    for other, refusal in ((syndics.a, refusals.OneSide), (uuid.uuid4(), refusals.UnknownSyndic)):
        with pytest.raises(refusal):
            act(syndics.a, other)


def test_a_denial_is_made_and_lifted_once(syndics: Three) -> None:
    service.deny(syndics.a, syndics.b)
    with pytest.raises(refusals.AlreadyDenied):
        service.deny(syndics.a, syndics.b)
    with pytest.raises(refusals.NotDenied):
        service.lift_denial(syndics.b, syndics.a)
    service.lift_denial(syndics.a, syndics.b)
    with pytest.raises(refusals.NotDenied):
        service.lift_denial(syndics.a, syndics.b)


def test_every_change_of_an_agreement_is_in_the_platforms_chain_and_in_both_sides(syndics: Three) -> None:
    before = evidence(PLATFORM)
    service.end(agreed(syndics).id, syndics.a)
    expected = ["trust.agreement_proposed", "trust.agreement_accepted", "trust.agreement_ended"]
    assert evidence(syndics.a) == evidence(syndics.b) == expected, "both sides must hold the evidence"
    assert evidence(PLATFORM) == before + expected, "so must the platform"
    assert evidence(syndics.c) == [], "a third must not"


def test_a_denial_stands_until_its_own_side_lifts_it(syndics: Three, later: Later) -> None:
    agreed(syndics)
    service.deny(syndics.b, syndics.a)
    service.deny(syndics.a, syndics.b)
    later(SECOND)
    service.lift_denial(syndics.a, syndics.b)
    assert not trusted(syndics), "lifting one's own denial must not lift the other's"
    service.lift_denial(syndics.b, syndics.a)
    assert trusted(syndics), "with no denial left, what was agreed holds again"
    kinds = ["trust.denied", "trust.denied", "trust.denial_lifted", "trust.denial_lifted"]
    assert evidence(syndics.b)[-4:] == kinds, "denials and their end are evidence too"


def circle(admission: str = "operator") -> uuid.UUID:
    return service.create_circle("Cercle", "CHARTE-1", admission, ["link", "switch"]).id


def test_members_of_a_circle_trust_each_other_until_one_leaves(syndics: Three) -> None:
    made = circle()
    service.admit(made, syndics.a)
    service.admit(made, syndics.b)
    assert service.decide(syndics.a, syndics.b, "link") == service.Decision(True, "circle", "Cercle")
    service.leave(made, syndics.b)
    assert not trusted(syndics), "whoever left must not be trusted once more"
    kinds = ["trust.member_admitted", "trust.member_admitted", "trust.member_left"]
    assert evidence(syndics.a) == kinds, "a member holds the evidence of whom it trusted"
    assert evidence(syndics.b) == kinds[1:]


def test_a_member_that_left_may_come_back(syndics: Three, later: Later) -> None:
    made = circle()
    service.admit(made, syndics.a)
    service.admit(made, syndics.b)
    service.leave(made, syndics.b)
    later(SECOND)
    service.admit(made, syndics.b)
    assert trusted(syndics), "a new admission is a new trust"


def test_leaving_ends_a_membership_that_was_to_begin(syndics: Three, later: Later) -> None:
    made = circle()
    service.admit(made, syndics.a)
    service.admit(made, syndics.b, valid_from=clock.now() + SECOND)
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
        service.admit(circle(), syndics.a, **dates)


def test_circles_and_members_that_do_not_exist_are_refused_by_their_names(syndics: Three) -> None:
    made = circle()
    with pytest.raises(refusals.UnknownCircle):
        service.admit(uuid.uuid4(), syndics.a)
    with pytest.raises(refusals.UnknownSyndic):
        service.admit(made, uuid.uuid4())
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
    service.admit(made, syndics.a, valid_until=clock.now() + SECOND)
    with pytest.raises(refusals.AlreadyMember):
        service.admit(made, syndics.a)
    service.admit(made, syndics.a, valid_from=clock.now() + SECOND * 2)


@pytest.fixture
def committed(application: Flask, owner: Engine) -> Iterator[Three]:
    """Syndics that other connections see, removed by the owner afterwards."""
    with application.app_context():
        with transaction():
            made = Three(*(new_syndic(uuid.uuid4().hex) for _ in range(3)))
        yield made
        session().rollback()
    tables = ["ledger WHERE chain = ANY(:ids) OR chain = :platform", "trust_denials WHERE denier_id = ANY(:ids)"]
    with owner.begin() as connection:
        for table in [*tables, "trust_agreements WHERE proposer_id = ANY(:ids)", "syndics WHERE id = ANY(:ids)"]:
            connection.execute(text(f"DELETE FROM {table}"), {"ids": list(made), "platform": PLATFORM})  # noqa: S608 - a constant of ours


def test_two_who_say_the_same_at_once_are_heard_once(application: Flask, committed: Three) -> None:
    def deny(_: int) -> bool:
        with application.app_context():
            try:
                with transaction():
                    service.deny(committed.a, committed.b)
            except refusals.AlreadyDenied:
                return False
            return True

    with ThreadPoolExecutor(6) as crowd:
        heard = list(crowd.map(deny, range(6)))
    assert heard.count(True) == 1, "one denial must be made, and the others told that it stands"
