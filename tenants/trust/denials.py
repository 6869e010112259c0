"""Denials: one side's refusal of the other, which wins over everything until that side lifts it."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from config import clock
from config.database import session
from tenants.trust import registry
from tenants.trust.models import Denial
from tenants.trust.refusals import AlreadyDenied, NotDenied, OneSide


def deny(denier_id: uuid.UUID, denied_id: uuid.UUID) -> Denial:
    """Refuse another syndic, at once and both ways.

    Raises:
        OneSide, UnknownSyndic, AlreadyDenied: as they say.
    """
    registry.hold()
    if denier_id == denied_id:
        raise OneSide(str(denier_id))
    registry.slugs(denier_id, denied_id)
    if standing(denier_id, denied_id):
        raise AlreadyDenied(f"{denier_id} denies {denied_id} already")
    denial = Denial(denier_id=denier_id, denied_id=denied_id, denied_at=clock.now())
    session().add(denial)
    _record("denied", denial)
    return denial


def lift_denial(denier_id: uuid.UUID, denied_id: uuid.UUID) -> None:
    """Take this side's own denial back; the other side's, if there is one, goes on.

    Raises:
        NotDenied: this side denies nothing to that one.
    """
    registry.hold()
    denials = standing(denier_id, denied_id)
    if not denials:
        raise NotDenied(f"{denier_id} does not deny {denied_id}")
    for denial in denials:
        denial.lifted_at = clock.now()
        _record("denial_lifted", denial)


def standing(denier_id: uuid.UUID, denied_id: uuid.UUID) -> Sequence[Denial]:
    """This side's denials of the other that were not lifted; objections are none (`tenants.trust.objections`)."""
    denials = select(Denial).where(
        Denial.denier_id == denier_id, Denial.denied_id == denied_id, Denial.circle_id.is_(None)
    )
    unlifted = denials.where(Denial.lifted_at.is_(None))
    return session().scalars(unlifted.execution_options(populate_existing=True)).all()


def _record(kind: str, denial: Denial) -> None:
    sides = (denial.denier_id, denial.denied_id)
    names = registry.slugs(*sides)
    registry.record(kind, {"denier": names[denial.denier_id], "denied": names[denial.denied_id]}, sides)
