"""Everything that was ever said between two syndics, and why it counts or does not: for operators."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from config import clock
from config.database import session
from tenants.syndics.models import Syndic
from tenants.trust.models import Agreement, Circle, Denial, Member

Standing = Literal["standing", "not_accepted", "suspended", "not_yet", "ended"]
Dates = tuple[tuple[str, datetime], ...]
"""What happened, or will, and when."""


@dataclass(frozen=True)
class Ground:
    """One agreement, shared circle, denial or objection, or a side that is not active.

    `there`: purposes for which `b` opens to what comes from `a`; `back`: the other way round.
    """

    kind: Literal["agreement", "circle", "denial", "objection", "status"]
    reference: str
    """The agreement's document, the circle's name; of a denial by whom (a slug), of a status whose and which."""
    there: tuple[str, ...]
    back: tuple[str, ...]
    standing: Standing
    dates: Dates = ()
    reason: str = ""


def explain(a: uuid.UUID, b: uuid.UUID, at: datetime | None = None) -> list[Ground]:
    """Every ground between two syndics and how it stood at an instant (none: now), what forbids first.

    A status has no history: it is that of now.
    """
    moment = at or clock.now()
    sides = {row.id: row for row in session().scalars(select(Syndic).where(Syndic.id.in_({a, b})))}
    slugs = {syndic_id: row.slug for syndic_id, row in sides.items()}
    return [
        *_statuses(sides.values()),
        *_denials(a, b, moment, slugs),
        *_agreements(a, b, moment),
        *_circles(a, b, moment, slugs),
    ]


def _statuses(sides: Iterable[Syndic]) -> Iterator[Ground]:
    for syndic in sides:
        if syndic.status != "active":
            yield Ground("status", f"{syndic.slug}: {syndic.status}", (), (), "standing")


def _denials(a: uuid.UUID, b: uuid.UUID, at: datetime, slugs: dict[uuid.UUID, str]) -> Iterator[Ground]:
    ours, theirs = (and_(Denial.denier_id == one, Denial.denied_id == other) for one, other in ((a, b), (b, a)))
    for denial in session().scalars(select(Denial).where(or_(ours, theirs)).order_by(Denial.id)):
        standing = _within(at, denial.denied_at, denial.lifted_at)
        dates = _dates(said=denial.denied_at, lifted=denial.lifted_at)
        kind: Literal["denial", "objection"] = "objection" if denial.circle_id else "denial"
        yield Ground(kind, slugs[denial.denier_id], (), (), standing, dates, denial.reason or "")


def _agreements(a: uuid.UUID, b: uuid.UUID, at: datetime) -> Iterator[Ground]:
    sides = [and_(Agreement.proposer_id == one, Agreement.accepter_id == other) for one, other in ((a, b), (b, a))]
    for agreement in session().scalars(select(Agreement).where(or_(*sides)).order_by(Agreement.id)):
        there, back = tuple(agreement.forward), tuple(agreement.backward)
        if agreement.proposer_id == b:
            there, back = back, there
        yield Ground("agreement", agreement.document, there, back, agreement_at(agreement, at), _dated(agreement))


def _dated(agreement: Agreement) -> Dates:
    return _dates(
        proposed=agreement.proposed_at,
        accepted=agreement.accepted_at,
        suspended=agreement.suspended_at,
        begins=agreement.valid_from,
        ends=agreement.valid_until,
    )


def agreement_at(agreement: Agreement, at: datetime) -> Standing:
    """How an agreement stands at an instant."""
    if agreement.accepted_at is None or at < agreement.accepted_at:
        return "not_accepted"
    if agreement.suspended_at is not None and agreement.suspended_at <= at:
        return "suspended"
    return _within(at, agreement.valid_from, agreement.valid_until)


def member_at(member: Member, at: datetime) -> Standing:
    """How a membership stands at an instant."""
    return _within(at, member.valid_from, member.valid_until)


def _circles(a: uuid.UUID, b: uuid.UUID, at: datetime, slugs: dict[uuid.UUID, str]) -> Iterator[Ground]:
    one, two = aliased(Member), aliased(Member)
    shared = (
        select(Circle, one, two)
        .join(one, and_(one.circle_id == Circle.id, one.syndic_id == a))
        .join(two, and_(two.circle_id == Circle.id, two.syndic_id == b))
        .order_by(Circle.id, one.valid_from, two.valid_from)
    )
    for circle, ours, theirs in session().execute(shared):
        purposes = tuple(circle.purposes)
        states = [member_at(member, at) for member in (ours, theirs)]
        yield Ground(
            "circle", circle.name, purposes, purposes, _weaker(states), _membership_dates((ours, theirs), slugs)
        )


def _membership_dates(pair: tuple[Member, Member], slugs: dict[uuid.UUID, str]) -> Dates:
    """When each of the two came, and left or will leave."""
    found: Dates = ()
    for member in pair:
        name = slugs[member.syndic_id]
        ends = ((f"{name} until", member.valid_until),) if member.valid_until else ()
        found = (*found, (f"{name} from", member.valid_from), *ends)
    return found


def _dates(**known: datetime | None) -> Dates:
    return tuple((what, when) for what, when in known.items() if when is not None)


def _within(at: datetime, start: datetime, end: datetime | None) -> Standing:
    """From its beginning, included, until its end, excluded; an end before the beginning leaves nothing."""
    if end is not None and end <= at:
        return "ended"
    return "standing" if start <= at else "not_yet"


def _weaker(states: list[Standing]) -> Standing:
    """Trust needs both memberships: the one that does not stand speaks for the pair."""
    return next((state for state in states if state != "standing"), "standing")
