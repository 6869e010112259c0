"""Circles: named networks with a charter, whose members trust each other for the circle's purposes."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import or_, select

from config import clock
from config.database import session
from tenants.audit.canonical import Json
from tenants.trust import registry
from tenants.trust.models import Circle, Member
from tenants.trust.refusals import (
    AlreadyMember,
    Backdated,
    CircleExists,
    ConsentMissing,
    NotMember,
    UnknownAdmission,
    UnknownCircle,
    UnknownPurpose,
)

ADMISSIONS = ("operator", "each-member")


def create_circle(name: str, charter: str, admission: str, purposes: Iterable[str]) -> Circle:
    """Found a circle without members. `charter` is the reference of its document.

    Raises:
        Nameless, UnknownAdmission, UnknownPurpose, CircleExists: as they say.
    """
    registry.hold()
    circle = Circle(
        name=registry.reference(name, "name"),
        charter=registry.reference(charter, "charter"),
        admission=admission,
        purposes=registry.purposes(purposes),
        created_at=clock.now(),
    )
    if admission not in ADMISSIONS:
        raise UnknownAdmission(f"no admission {admission}; there are {', '.join(ADMISSIONS)}")
    if not circle.purposes:
        raise UnknownPurpose("a circle needs a purpose")
    if session().scalar(select(Circle.id).where(Circle.name == circle.name)):
        raise CircleExists(circle.name)
    session().add(circle)
    _record("circle_created", circle, {"admission": admission, "purposes": circle.purposes}, [])
    return circle


def admit(
    circle_id: uuid.UUID,
    syndic_id: uuid.UUID,
    *,
    consents: Iterable[uuid.UUID] = (),
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Member:
    """Make a syndic a member, from a date (included; none: now) until a date (excluded).

    `consents`: who agreed. A circle that admits by `each-member` needs everybody's, the newcomer's too.

    Raises:
        UnknownCircle, UnknownSyndic, DatesReversed, Backdated, AlreadyMember, ConsentMissing: as they say.
    """
    circle, now = _circle(circle_id), clock.now()
    start = valid_from or now
    if start < now:
        raise Backdated(start.isoformat())
    registry.in_order(start, valid_until)
    others = _members(circle_id, now)
    _refuse_overlap(others, syndic_id, start, valid_until)
    sides = {member.syndic_id for member in others} | {syndic_id}
    if circle.admission == "each-member":
        _refuse_silence(sides, set(consents))
    member = Member(circle_id=circle_id, syndic_id=syndic_id, valid_from=start, valid_until=valid_until)
    names = registry.slugs(*sides)
    session().add(member)
    facts = {"from": start.isoformat(), "until": valid_until.isoformat() if valid_until else None}
    consenting = sorted(names[each] for each in sides & set(consents))
    _record("member_admitted", circle, facts | {"member": names[syndic_id], "consents": consenting}, sides)
    return member


def leave(circle_id: uuid.UUID, syndic_id: uuid.UUID) -> None:
    """End a syndic's membership at once, and any that was to begin.

    Raises:
        UnknownCircle, UnknownSyndic, NotMember: as they say.
    """
    circle, now = _circle(circle_id), clock.now()
    everybody = _members(circle_id, now)
    leaving = [member for member in everybody if member.syndic_id == syndic_id]
    name = registry.slugs(syndic_id)[syndic_id]
    if not leaving:
        raise NotMember(f"{name} is no member of {circle.name}")
    for member in leaving:
        member.valid_until = now
    _record("member_left", circle, {"member": name}, {member.syndic_id for member in everybody})


def _circle(circle_id: uuid.UUID) -> Circle:
    registry.hold()
    circle = session().get(Circle, circle_id, populate_existing=True)
    if circle is None:
        raise UnknownCircle(str(circle_id))
    return circle


def _members(circle_id: uuid.UUID, now: datetime) -> list[Member]:
    """Memberships that have not ended, those to come included."""
    unended = or_(Member.valid_until.is_(None), Member.valid_until > now)
    rows = select(Member).where(Member.circle_id == circle_id, unended).execution_options(populate_existing=True)
    return list(session().scalars(rows))


def _refuse_overlap(members: list[Member], syndic_id: uuid.UUID, start: datetime, end: datetime | None) -> None:
    for member in members:
        begins_before = end is None or member.valid_from < end
        ends_after = member.valid_until is None or member.valid_until > start
        if member.syndic_id == syndic_id and begins_before and ends_after:
            raise AlreadyMember(f"{syndic_id} is a member of circle {member.circle_id} in that time")


def _refuse_silence(sides: set[uuid.UUID], consents: set[uuid.UUID]) -> None:
    if silent := sides - consents:
        raise ConsentMissing("no consent of " + ", ".join(sorted(registry.slugs(*silent).values())))


def _record(kind: str, circle: Circle, facts: Mapping[str, Json], sides: Iterable[uuid.UUID]) -> None:
    session().flush()  # its id is made here
    known = {"circle": str(circle.id), "name": circle.name, "charter": circle.charter}
    registry.record(kind, {**known, **facts}, sides)
