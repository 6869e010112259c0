"""Promises of the registry's changes: who may do what, when it takes effect, and what evidence it leaves."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from config import clock
from config.database import session, transaction
from config.errors import Refusal
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.syndics.models import Syndic
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


def admit(made: uuid.UUID, syndic: uuid.UUID, **dates: Any) -> None:
    """Admit a syndic that consents, by the operator."""
    service.admit(made, syndic, consents=[syndic], **dates)


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


def entries(chain: uuid.UUID) -> list[LedgerEntry]:
    rows = select(LedgerEntry).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence)
    return list(session().scalars(rows))


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


def test_what_a_circle_of_any_size_writes_for_one_admission_is_the_same(app: Flask) -> None:  # noqa: ARG001
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


def test_an_objection_ends_the_pairs_trust_at_once_and_nobody_elses(syndics: Three, later: Later) -> None:
    made = circle()
    for syndic in syndics:
        admit(made, syndic)
    service.object_to(made, syndics.a, syndics.b, " Litige en cours ")
    for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
        assert service.decide(one, other, "link").reason == "denied", "an objection is a denial, both ways"
    for one, other in ((syndics.a, syndics.c), (syndics.c, syndics.b)):
        assert service.decide(one, other, "link").allowed, "the others trust one another as before"
    said = entries(syndics.b)[-1]
    assert (said.kind, said.body["reason"]) == ("trust.objected", "Litige en cours"), "both sides hold its reason"
    assert evidence(made)[-1] == "trust.members_admitted", "the other members read nothing of it"
    with pytest.raises(refusals.AlreadyObjected):
        service.object_to(made, syndics.a, syndics.b, "encore")
    with pytest.raises(refusals.NotObjected):
        service.withdraw_objection(made, syndics.b, syndics.a)
    with pytest.raises(refusals.NotDenied):
        service.lift_denial(syndics.a, syndics.b)
    later(SECOND)
    service.withdraw_objection(made, syndics.a, syndics.b)
    assert trusted(syndics), "withdrawn, the circle's trust holds again"


def test_an_objection_and_a_denial_of_the_same_pair_stand_each_for_itself(syndics: Three, later: Later) -> None:
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    service.object_to(made, syndics.a, syndics.b, "raison")
    service.deny(syndics.a, syndics.b)
    later(SECOND)
    service.withdraw_objection(made, syndics.a, syndics.b)
    assert not trusted(syndics), "the denial goes on"
    service.lift_denial(syndics.a, syndics.b)
    assert trusted(syndics)


def test_an_objection_outlives_the_membership_that_it_is_about(syndics: Three, later: Later) -> None:
    """Whoever leaves and comes back must not shake it off."""
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    service.object_to(made, syndics.a, syndics.b, "raison")
    service.leave(made, syndics.b)
    later(SECOND)
    admit(made, syndics.b)
    assert service.decide(syndics.a, syndics.b, "link").reason == "denied"


def test_only_members_object_to_members_with_a_reason_and_where_the_operator_admits(syndics: Three) -> None:
    made = circle()
    admit(made, syndics.a)
    admit(made, syndics.b)
    for who, whom, why, refusal in (
        (syndics.c, syndics.a, "raison", refusals.NotMember),
        (syndics.a, syndics.c, "raison", refusals.NotMember),
        (syndics.a, syndics.a, "raison", refusals.OneSide),
        (syndics.a, syndics.b, "  ", refusals.Nameless),
        (syndics.a, uuid.uuid4(), "raison", refusals.UnknownSyndic),
    ):
        with pytest.raises(refusal):
            service.object_to(made, who, whom, why)
    assert trusted(syndics), "what was refused changes nothing"
    with pytest.raises(refusals.UnknownCircle):
        service.object_to(uuid.uuid4(), syndics.a, syndics.b, "raison")
    other = service.create_circle("Autre", "C", "each-member", ["list"]).id
    service.admit_all(other, [syndics.a, syndics.b], consents=[syndics.a, syndics.b])
    with pytest.raises(refusals.MembersConsent):
        service.object_to(other, syndics.a, syndics.b, "raison")


@pytest.mark.parametrize("status", ["draft", "suspended", "closed"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_syndic_that_is_not_active_trusts_nobody_and_is_trusted_by_nobody(
    syndics: Three, status: str, side: int
) -> None:
    agreed(syndics)
    row = session().get_one(Syndic, syndics[side])
    row.status = status
    for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
        assert service.decide(one, other, "switch") == service.Decision(False, "inactive")
    assert not service.may_link(syndics.a, [syndics.b]).allowed
    allowed = f"SELECT {service.condition(':a', ':b', ':purpose', ':at')}"
    facts = {"a": syndics.a, "b": syndics.b, "purpose": "switch", "at": clock.now()}
    assert session().scalar(text(allowed), facts) is False, "the statements that ask in passing say the same"
    row.status = "active"
    assert trusted(syndics), "what was agreed holds again with the contract"
    assert session().scalar(text(allowed), facts) is True


def test_trust_comes_back_after_a_suspension_only_by_a_new_agreement_of_both(syndics: Three) -> None:
    service.suspend(agreed(syndics).id, syndics.a)
    renewed = propose(syndics)
    assert not trusted(syndics), "whoever suspended cannot bring it back alone"
    service.accept(renewed.id, syndics.b)
    assert trusted(syndics)


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
