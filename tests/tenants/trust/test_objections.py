"""Objections: one member's refusal of another, in a circle that admits by its operator."""

import uuid

import pytest

from tenants.trust import refusals, service
from tests.tenants.trust.acts import SECOND, Later, admit, circle, entries, evidence, trusted
from tests.tenants.trust.conftest import Three


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
