"""Objections: a member's refusal of another that the operator admitted; a denial of that pair, with its reason."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from config import clock
from config.database import session
from tenants.audit.canonical import Json
from tenants.trust import circles, registry
from tenants.trust.models import Circle, Denial
from tenants.trust.refusals import AlreadyObjected, MembersConsent, NotMember, NotObjected, OneSide


def object_to(circle_id: uuid.UUID, objector_id: uuid.UUID, other_id: uuid.UUID, reason: str) -> Denial:
    """Object to another member of a circle that admits by `operator`: no trust between the two, at once, both ways.

    The reason is evidence, which both sides hold. The circle goes on for everybody else.

    Raises:
        UnknownCircle, UnknownSyndic, OneSide, MembersConsent, NotMember, Nameless, AlreadyObjected: as they say.
    """
    circle, now = circles.held(circle_id), clock.now()
    if objector_id == other_id:
        raise OneSide(str(objector_id))
    if circle.admission != "operator":
        raise MembersConsent(f"{circle.name} admits by each member's consent: deny, or leave")
    names = registry.slugs(objector_id, other_id)
    there = {row.syndic_id for row in circles.members(circle_id, now, *names)}
    if strangers := sorted(name for each, name in names.items() if each not in there):
        raise NotMember(f"no member of {circle.name}: {', '.join(strangers)}")
    if _standing(circle_id, objector_id, other_id):
        raise AlreadyObjected(f"{names[objector_id]} objects to {names[other_id]} already")
    said = registry.reference(reason, "reason")
    objection = Denial(denier_id=objector_id, denied_id=other_id, denied_at=now, circle_id=circle_id, reason=said)
    session().add(objection)
    _record("objected", circle, objection, {"reason": said})
    return objection


def withdraw_objection(circle_id: uuid.UUID, objector_id: uuid.UUID, other_id: uuid.UUID) -> None:
    """Take one's own objection back; denials and objections in other circles go on.

    Raises:
        UnknownCircle, NotObjected: as they say.
    """
    circle = circles.held(circle_id)
    objections = _standing(circle_id, objector_id, other_id)
    if not objections:
        raise NotObjected(f"{objector_id} does not object to {other_id} in {circle.name}")
    for objection in objections:
        objection.lifted_at = clock.now()
        _record("objection_withdrawn", circle, objection, {})


def _standing(circle_id: uuid.UUID, objector_id: uuid.UUID, other_id: uuid.UUID) -> Sequence[Denial]:
    mine = select(Denial).where(Denial.denier_id == objector_id, Denial.denied_id == other_id)
    standing = mine.where(Denial.circle_id == circle_id, Denial.lifted_at.is_(None))
    return session().scalars(standing.execution_options(populate_existing=True)).all()


def _record(kind: str, circle: Circle, objection: Denial, facts: dict[str, Json]) -> None:
    sides = (objection.denier_id, objection.denied_id)
    names = registry.slugs(*sides)
    known = {"circle": str(circle.id), "name": circle.name}
    registry.record(kind, {**known, "by": names[sides[0]], "against": names[sides[1]], **facts}, sides)
