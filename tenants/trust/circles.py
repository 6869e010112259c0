"""Circles: named networks with a charter, whose members trust each other for the circle's purposes.

Every admission has two sides: the newcomer has asked (`join`) or consents, and the circle admits.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import or_, select

from config import clock
from config.database import session
from tenants.audit.canonical import Json
from tenants.trust import evidence, registry, telling
from tenants.trust.models import Circle, JoinRequest, Member
from tenants.trust.refusals import (
    AlreadyAsked,
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
    evidence.of_circle("circle_created", circle, {"admission": admission, "purposes": circle.purposes}, {})
    return circle


def join(circle_id: uuid.UUID, syndic_id: uuid.UUID) -> JoinRequest:
    """Ask for membership, in the name of a syndic that accepts the charter. It holds once the circle admits it.

    Raises:
        UnknownCircle, UnknownSyndic, AlreadyMember, AlreadyAsked: as they say.
    """
    circle, now = held(circle_id), clock.now()
    names = registry.slugs(syndic_id)
    if members(circle_id, now, syndic_id):
        raise AlreadyMember(f"{names[syndic_id]} is, or will be, a member of {circle.name}")
    if _open_requests(circle_id, {syndic_id}):
        raise AlreadyAsked(f"{names[syndic_id]} has asked {circle.name} already")
    request = JoinRequest(circle_id=circle_id, syndic_id=syndic_id, asked_at=now)
    session().add(request)
    evidence.of_circle("membership_asked", circle, {"syndic": names[syndic_id]}, names)
    return request


def admit(
    circle_id: uuid.UUID,
    syndic_id: uuid.UUID,
    *,
    consents: Iterable[uuid.UUID] = (),
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Member:
    """Make a syndic a member, as `admit_all`."""
    period = {"valid_from": valid_from, "valid_until": valid_until}
    return admit_all(circle_id, [syndic_id], consents=consents, **period)[0]


def admit_all(
    circle_id: uuid.UUID,
    newcomers: Collection[uuid.UUID],
    *,
    consents: Iterable[uuid.UUID] = (),
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> list[Member]:
    """Make syndics members, from a date (included; none: now) until a date (excluded), in a few statements.

    `consents`: who agreed to this admission. A newcomer must have asked to join, or be among them. A circle that
    admits by `each-member` needs everybody's; one that admits by `operator` tells its members, who may object.

    Raises:
        UnknownCircle, UnknownSyndic, DatesReversed, Backdated, AlreadyMember, ConsentMissing: as they say.
    """
    circle, now = held(circle_id), clock.now()
    start = valid_from or now
    if start < now:
        raise Backdated(start.isoformat())
    registry.in_order(start, valid_until)
    new, agreed, there = set(newcomers), set(consents), members(circle_id, now)
    _refuse_overlap(there, new, start, valid_until)
    present = {member.syndic_id for member in there} - new
    names = registry.slugs(*new, *(agreed & present))
    requests = _open_requests(circle_id, new)
    _refuse_silence(circle, new, present, agreed, {request.syndic_id for request in requests})
    for request in requests:
        request.settled_at = now
    tell = circle.admission == "operator" and not present <= agreed
    row = {"circle_id": circle_id, "valid_from": start, "valid_until": valid_until, "to_tell": tell}
    made = [Member(syndic_id=syndic_id, **row) for syndic_id in newcomers]
    session().add_all(made)
    period: dict[str, Json] = {"from": start.isoformat(), "until": valid_until.isoformat() if valid_until else None}
    consenting = sorted(names[each] for each in (new | present) & agreed)
    everybody: dict[str, Json] = {"members": sorted(names[each] for each in new), "consents": consenting}
    evidence.of_circle("members_admitted", circle, period | everybody, {each: names[each] for each in new}, period)
    if tell:
        telling.promise_telling(circle_id)
    return made


def leave(circle_id: uuid.UUID, syndic_id: uuid.UUID) -> None:
    """End a syndic's membership at once, and any that was to begin; or take its request to join back.

    Raises:
        UnknownCircle, UnknownSyndic, NotMember: as they say.
    """
    circle, now = held(circle_id), clock.now()
    names = registry.slugs(syndic_id)
    leaving = members(circle_id, now, syndic_id)
    requests = _open_requests(circle_id, {syndic_id})
    if not leaving and not requests:
        raise NotMember(f"{names[syndic_id]} is no member of {circle.name}")
    for member in leaving:
        member.valid_until = now
    for request in requests:
        request.settled_at = now
    kind = "member_left" if leaving else "request_withdrawn"
    evidence.of_circle(kind, circle, {"member": names[syndic_id]}, names)


def named(name: str) -> Circle:
    """The circle of that name.

    Raises:
        UnknownCircle: there is none.
    """
    circle = session().scalar(select(Circle).where(Circle.name == name.strip()))
    if circle is None:
        raise UnknownCircle(f"no circle {name!r}")
    return circle


def held(circle_id: uuid.UUID) -> Circle:
    """The circle, with the registry held for a change.

    Raises:
        UnknownCircle: there is none.
    """
    registry.hold()
    circle = session().get(Circle, circle_id, populate_existing=True)
    if circle is None:
        raise UnknownCircle(str(circle_id))
    return circle


def members(circle_id: uuid.UUID, now: datetime, *of: uuid.UUID) -> list[Member]:
    """Memberships that have not ended, those to come included; of everybody, or of these syndics."""
    unended = or_(Member.valid_until.is_(None), Member.valid_until > now)
    rows = select(Member).where(Member.circle_id == circle_id, unended)
    wanted = rows.where(Member.syndic_id.in_(of)) if of else rows
    return list(session().scalars(wanted.execution_options(populate_existing=True)))


def _open_requests(circle_id: uuid.UUID, syndics: set[uuid.UUID]) -> list[JoinRequest]:
    unsettled = select(JoinRequest).where(JoinRequest.circle_id == circle_id, JoinRequest.settled_at.is_(None))
    rows = session().scalars(unsettled.execution_options(populate_existing=True))
    return [request for request in rows if request.syndic_id in syndics]


def _refuse_overlap(there: list[Member], new: set[uuid.UUID], start: datetime, end: datetime | None) -> None:
    for member in there:
        begins_before = end is None or member.valid_from < end
        ends_after = member.valid_until is None or member.valid_until > start
        if member.syndic_id in new and begins_before and ends_after:
            raise AlreadyMember(f"{member.syndic_id} is a member of circle {member.circle_id} in that time")


def _refuse_silence(
    circle: Circle, new: set[uuid.UUID], present: set[uuid.UUID], agreed: set[uuid.UUID], asked: set[uuid.UUID]
) -> None:
    """Whoever asked has agreed to the members that were there; to others who come at the same time, only by consent."""
    needed = new | present if circle.admission == "each-member" else new
    given = agreed if circle.admission == "each-member" and len(new) > 1 else agreed | asked
    if silent := needed - given:
        raise ConsentMissing("no consent of " + ", ".join(sorted(registry.slugs(*silent).values())))
