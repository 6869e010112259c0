"""Promises of the registry's changes: who may do what, when it takes effect, and what evidence it leaves."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from config import clock
from config.database import session, transaction
from config.errors import Refusal
from tenants.audit.models import PLATFORM
from tenants.syndics.models import Syndic
from tenants.trust import refusals, service
from tenants.trust.models import Agreement
from tests.tenants.trust.acts import SECOND, Later, agreed, evidence, propose, trusted
from tests.tenants.trust.conftest import Three


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
