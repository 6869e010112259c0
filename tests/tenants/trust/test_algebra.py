"""Promises of `decide`, whatever the registry holds: by property, with instants one microsecond apart."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st

from config.database import session
from tenants.trust import service
from tenants.trust.models import PURPOSES, Agreement, Circle, Denial, Member
from tests.tenants.conftest import rolled_back
from tests.tenants.trust.conftest import Three, three

DAWN = datetime(2026, 11, 22, 6, tzinfo=UTC)


def instant(microsecond: int) -> datetime:
    return DAWN + timedelta(microseconds=microsecond)


instants = st.integers(0, 5).map(instant)
maybe = st.none() | instants
purposes = st.sampled_from(PURPOSES)
several = st.lists(purposes, unique=True)
sides = st.sampled_from([(0, 1), (1, 0)])
pairs = st.sampled_from([(one, other) for one in range(3) for other in range(3) if one != other])
periods = st.fixed_dictionaries({"valid_from": instants, "valid_until": maybe})


@st.composite
def agreements(draw: st.DrawFn, between: st.SearchStrategy[tuple[int, int]] = sides) -> dict[str, Any]:
    forward, backward = draw(several), draw(several)
    if ("link" in forward) != ("link" in backward):
        forward, backward = [*{*forward, "link"}], [*{*backward, "link"}]
    dates = draw(periods) | {"accepted_at": draw(maybe), "suspended_at": draw(maybe)}
    return dates | {"between": draw(between), "forward": forward, "backward": backward}


circles = st.fixed_dictionaries(
    {"purposes": several, "members": st.lists(st.tuples(st.integers(0, 2), periods), max_size=4)}
)
denials = st.fixed_dictionaries({"between": pairs, "denied_at": instants, "lifted_at": maybe})
worlds = st.fixed_dictionaries(
    {
        "agreements": st.lists(agreements(pairs), max_size=3),
        "circles": st.lists(circles, max_size=2),
        "denials": st.lists(denials, max_size=1),
    }
)


def add_agreement(syndics: Three, agreement: dict[str, Any]) -> None:
    columns = {key: value for key, value in agreement.items() if key != "between"}
    proposer, accepter = (syndics[index] for index in agreement["between"])
    parties = {"proposer_id": proposer, "accepter_id": accepter, "document": "DOC-1", "proposed_at": DAWN}
    session().add(Agreement(**parties, **columns))


def add_circle(syndics: Three, circle: dict[str, Any]) -> None:
    row = Circle(name=uuid.uuid4().hex, charter="C", admission="operator", purposes=circle["purposes"], created_at=DAWN)
    session().add(row)
    session().flush()
    for index, period in {
        (index, period["valid_from"]): (index, period) for index, period in circle["members"]
    }.values():
        session().add(Member(circle_id=row.id, syndic_id=syndics[index], **period))


def add_denial(syndics: Three, denial: dict[str, Any]) -> None:
    denier, denied = (syndics[index] for index in denial["between"])
    dates = {"denied_at": denial["denied_at"], "lifted_at": denial["lifted_at"]}
    session().add(Denial(denier_id=denier, denied_id=denied, **dates))


def build(world: dict[str, Any]) -> Three:
    syndics = three()
    for name, add in (("agreements", add_agreement), ("circles", add_circle), ("denials", add_denial)):
        for entry in world[name]:
            add(syndics, entry)
    return syndics


@given(worlds, purposes, instants)
def test_nothing_is_trusted_that_was_not_said_between_the_two(
    application: Flask, world: dict[str, Any], purpose: service.Purpose, at: datetime
) -> None:
    """Agreements with a third and circles of a third give the two nothing: trust does not travel."""
    with rolled_back(application):
        for agreement in world["agreements"]:
            assume(2 in agreement["between"])
        for circle in world["circles"]:
            circle["members"] = [member for member in circle["members"] if member[0] != 1]
        syndics = build(world)
        decision = service.decide(syndics.a, syndics.b, purpose, at)
        assert not decision.allowed, "without a word between them, two syndics share nothing"


@given(agreements(), purposes, instants, st.booleans())
def test_an_agreement_gives_nothing_before_both_sides_have_acted(
    application: Flask, agreement: dict[str, Any], purpose: service.Purpose, at: datetime, never: bool
) -> None:
    with rolled_back(application):
        syndics = three()
        add_agreement(syndics, agreement | {"accepted_at": None if never else at + timedelta(microseconds=1)})
        for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
            assert service.decide(one, other, purpose, at).reason == "not_trusted", "a proposal alone grants nothing"


@given(worlds, st.fixed_dictionaries({"between": sides, "lifted_at": maybe}), purposes, instants)
def test_a_denial_by_either_side_wins_over_everything(
    application: Flask,
    world: dict[str, Any],
    denial: dict[str, Any],
    purpose: service.Purpose,
    at: datetime,
) -> None:
    assume(denial["lifted_at"] is None or at < denial["lifted_at"])
    with rolled_back(application):
        syndics = build(world)
        add_denial(syndics, denial | {"denied_at": at})
        for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
            assert service.decide(one, other, purpose, at).reason == "denied", "a denial holds at once and both ways"


FULL = {"forward": list(PURPOSES), "backward": list(PURPOSES), "between": (0, 1)}
ALWAYS = {"accepted_at": instant(0), "suspended_at": None, "valid_from": instant(0), "valid_until": None}


@given(instants, instants, purposes, st.sampled_from(["suspended_at", "valid_until"]))
def test_a_suspended_or_ended_agreement_grants_nothing_from_that_microsecond_on(
    application: Flask, stop: datetime, at: datetime, purpose: service.Purpose, how: str
) -> None:
    with rolled_back(application):
        syndics = three()
        add_agreement(syndics, FULL | ALWAYS | {how: stop})
        allowed = service.decide(syndics.a, syndics.b, purpose, at).allowed
        assert allowed == (at < stop), f"{how} is the first microsecond without trust"


@given(instants, instants, purposes, st.sampled_from(["accepted_at", "valid_from"]))
def test_an_agreement_holds_from_the_microsecond_of_its_acceptance_and_of_its_date(
    application: Flask, start: datetime, at: datetime, purpose: service.Purpose, how: str
) -> None:
    with rolled_back(application):
        syndics = three()
        add_agreement(syndics, FULL | ALWAYS | {how: start})
        allowed = service.decide(syndics.b, syndics.a, purpose, at).allowed
        assert allowed == (start <= at), f"{how} is the first microsecond of trust"


@given(instants, instants, instants, purposes)
def test_a_denial_holds_from_its_microsecond_until_the_one_of_its_lifting(
    application: Flask, denied_at: datetime, lifted_at: datetime, at: datetime, purpose: service.Purpose
) -> None:
    with rolled_back(application):
        syndics = three()
        add_agreement(syndics, FULL | ALWAYS)
        add_denial(syndics, {"between": (1, 0), "denied_at": denied_at, "lifted_at": lifted_at})
        allowed = service.decide(syndics.a, syndics.b, purpose, at).allowed
        assert allowed == (at < denied_at or lifted_at <= at), (
            "before it and from its lifting on, what was agreed holds"
        )


@given(circles, st.integers(0, 1), purposes, instants)
def test_the_trust_of_a_circle_never_outlives_a_membership(
    application: Flask, circle: dict[str, Any], stays: int, purpose: service.Purpose, at: datetime
) -> None:
    with rolled_back(application):
        for _, period in circle["members"]:
            ended = period["valid_until"] is not None and period["valid_until"] <= at
            assume(ended or period["valid_from"] > at)
        circle["members"].append((stays, {"valid_from": DAWN - timedelta(days=1), "valid_until": None}))
        syndics = three()
        add_circle(syndics, circle)
        for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
            reason = service.decide(one, other, purpose, at).reason
            assert reason == "not_trusted", "a membership that is over, or to come, carries no trust"


@given(several, purposes, instants)
def test_two_members_of_a_circle_trust_each_other_for_its_purposes_and_no_others(
    application: Flask, granted: list[str], purpose: service.Purpose, at: datetime
) -> None:
    with rolled_back(application):
        syndics = three()
        period = {"valid_from": DAWN, "valid_until": None}
        add_circle(syndics, {"purposes": granted, "members": [(0, period), (1, period)]})
        for one, other in ((syndics.a, syndics.b), (syndics.b, syndics.a)):
            allowed = service.decide(one, other, purpose, at).allowed
            assert allowed == (purpose in granted), "a circle grants its purposes, both ways"


@given(worlds, instants)
def test_link_is_symmetric(application: Flask, world: dict[str, Any], at: datetime) -> None:
    with rolled_back(application):
        syndics = build(world)
        there, back = (service.decide(*pair, "link", at) for pair in ((syndics.a, syndics.b), (syndics.b, syndics.a)))
        assert there.allowed == back.allowed, "whoever holds both accounts holds them both ways"


@given(worlds, purposes, instants)
def test_what_operators_are_shown_is_what_was_decided(
    application: Flask, world: dict[str, Any], purpose: service.Purpose, at: datetime
) -> None:
    with rolled_back(application):
        syndics = build(world)
        session().flush()
        standing = [ground for ground in service.explain(syndics.a, syndics.b, at) if ground.standing == "standing"]
        denied = any(ground.kind == "denial" for ground in standing)
        granted = any(purpose in ground.there for ground in standing)
        decision = service.decide(syndics.a, syndics.b, purpose, at)
        assert decision.allowed == (granted and not denied), "the explanation must explain the decision"
        assert (decision.reason == "denied") == denied


@given(worlds, instants, st.sets(st.integers(1, 2)))
def test_a_link_needs_the_trust_of_every_syndic_where_one_is_held(
    application: Flask, world: dict[str, Any], at: datetime, held: set[int]
) -> None:
    with rolled_back(application):
        syndics = build(world)
        others = [syndics[index] for index in held]
        expected = all(service.decide(syndics.a, other, "link", at).allowed for other in others)
        assert service.may_link(syndics.a, others, at).allowed == expected, "one refusal among them must refuse"
        assert service.may_link(syndics.a, [*others, syndics.a], at).allowed, "where one stands already, another may"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_syndic_trusts_itself(syndics: Three, purpose: service.Purpose) -> None:
    assert service.decide(syndics.a, syndics.a, purpose) == service.Decision(True, "same_syndic")


def test_switch_and_list_go_from_where_the_sign_in_took_place(syndics: Three) -> None:
    """`forward` is what the accepter opens to those who come from the proposer."""
    add_agreement(syndics, FULL | ALWAYS | {"forward": ["switch"], "backward": ["list"]})
    a, b = syndics.a, syndics.b
    allowed = {
        (there, purpose)
        for there, pair in (("a to b", (a, b)), ("b to a", (b, a)))
        for purpose in ("switch", "list")
        if service.decide(*pair, purpose, instant(1)).allowed
    }
    assert allowed == {("a to b", "switch"), ("b to a", "list")}, "each direction must be what its side opened"


def test_trust_does_not_travel_and_a_third_account_needs_the_trust_of_both_others(syndics: Three) -> None:
    a, b, c = syndics
    add_agreement(syndics, FULL | ALWAYS)
    add_agreement(syndics, FULL | ALWAYS | {"between": (1, 2)})
    at = instant(1)
    assert service.may_link(a, [b], at).allowed
    assert service.may_link(c, [b], at).allowed
    for purpose in get_args(service.Purpose):
        assert not service.decide(a, c, purpose, at).allowed, "a trusts b and b trusts c, which is not a and c"
    assert not service.may_link(c, [a, b], at).allowed, "who holds a and b needs both for c"
    assert not service.may_link(a, [b, c], at).allowed, "and who holds b and c for a"
    add_agreement(syndics, FULL | ALWAYS | {"between": (2, 0)})
    assert service.may_link(c, [a, b], at).allowed, "with the third side agreed, all three may be one person's"


def test_a_denial_within_a_circle_parts_two_of_three(syndics: Three) -> None:
    a, b, c = syndics
    period = {"valid_from": DAWN, "valid_until": None}
    add_circle(syndics, {"purposes": ["link"], "members": [(0, period), (1, period), (2, period)]})
    add_denial(syndics, {"between": (2, 0), "denied_at": DAWN, "lifted_at": None})
    at = instant(1)
    assert service.may_link(b, [a], at).allowed
    assert not service.may_link(c, [a, b], at).allowed, "one that denies is enough"
    assert service.may_link(c, [b], at).allowed


def test_a_decision_says_what_it_rests_on(syndics: Three) -> None:
    add_agreement(syndics, FULL | ALWAYS)
    assert service.decide(syndics.a, syndics.b, "link", instant(1)) == service.Decision(True, "agreement", "DOC-1")
