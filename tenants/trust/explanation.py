"""Everything that was ever said between two syndics, and why it counts or does not: for operators."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from config import clock
from config.database import session
from tenants.trust.models import Agreement, Circle, Denial, Member

Standing = Literal["standing", "not_accepted", "suspended", "not_yet", "ended"]


@dataclass(frozen=True)
class Ground:
    """One agreement, shared circle or denial. `there`: purposes for which `b` opens to what comes from `a`."""

    kind: Literal["agreement", "circle", "denial"]
    reference: str
    """The agreement's document, or the circle's name; empty for a denial."""
    there: tuple[str, ...]
    back: tuple[str, ...]
    standing: Standing


def explain(a: uuid.UUID, b: uuid.UUID, at: datetime | None = None) -> list[Ground]:
    """Every ground between two syndics and how it stood at an instant (none: now), denials first."""
    moment = at or clock.now()
    return [*_denials(a, b, moment), *_agreements(a, b, moment), *_circles(a, b, moment)]


def _denials(a: uuid.UUID, b: uuid.UUID, at: datetime) -> Iterator[Ground]:
    ours, theirs = (and_(Denial.denier_id == one, Denial.denied_id == other) for one, other in ((a, b), (b, a)))
    for denial in session().scalars(select(Denial).where(or_(ours, theirs)).order_by(Denial.id)):
        yield Ground("denial", "", (), (), _within(at, denial.denied_at, denial.lifted_at))


def _agreements(a: uuid.UUID, b: uuid.UUID, at: datetime) -> Iterator[Ground]:
    sides = [and_(Agreement.proposer_id == one, Agreement.accepter_id == other) for one, other in ((a, b), (b, a))]
    for agreement in session().scalars(select(Agreement).where(or_(*sides)).order_by(Agreement.id)):
        there, back = tuple(agreement.forward), tuple(agreement.backward)
        if agreement.proposer_id == b:
            there, back = back, there
        yield Ground("agreement", agreement.document, there, back, _agreement_at(agreement, at))


def _agreement_at(agreement: Agreement, at: datetime) -> Standing:
    if agreement.accepted_at is None or at < agreement.accepted_at:
        return "not_accepted"
    if agreement.suspended_at is not None and agreement.suspended_at <= at:
        return "suspended"
    return _within(at, agreement.valid_from, agreement.valid_until)


def _circles(a: uuid.UUID, b: uuid.UUID, at: datetime) -> Iterator[Ground]:
    one, two = aliased(Member), aliased(Member)
    shared = (
        select(Circle, one, two)
        .join(one, and_(one.circle_id == Circle.id, one.syndic_id == a))
        .join(two, and_(two.circle_id == Circle.id, two.syndic_id == b))
        .order_by(Circle.id, one.valid_from, two.valid_from)
    )
    for circle, ours, theirs in session().execute(shared):
        purposes = tuple(circle.purposes)
        states = [_within(at, member.valid_from, member.valid_until) for member in (ours, theirs)]
        yield Ground("circle", circle.name, purposes, purposes, _weaker(states))


def _within(at: datetime, start: datetime, end: datetime | None) -> Standing:
    """From its beginning, included, until its end, excluded; an end before the beginning leaves nothing."""
    if end is not None and end <= at:
        return "ended"
    return "standing" if start <= at else "not_yet"


def _weaker(states: list[Standing]) -> Standing:
    """Trust needs both memberships: the one that does not stand speaks for the pair."""
    return next((state for state in states if state != "standing"), "standing")
