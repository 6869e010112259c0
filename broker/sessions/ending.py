"""The one place where login sessions end, so that no end can be forgotten: neither here nor at the extranets.

A session ends because somebody asked (`broker.sessions.service`), or because an epoch rose above the one that it
carries (SECURITY R2). The second is noticed on the objects themselves: whoever raises an epoch, for whatever reason,
ends with the same commit every session that carries an older one.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, and_, event, or_, select, update
from sqlalchemy.orm import Session, object_session

from broker.identities.models import Identity
from broker.sessions import extranets
from broker.sessions.models import LoginSession
from config import clock
from config.database import session
from tenants.legacy.models import LegacyAccount

RISEN = "holders_whose_epoch_rose"


def end_where(condition: ColumnElement[bool]) -> None:
    """End the living sessions of this condition and promise to tell their extranets, in the caller's transaction.

    The rows are locked against new client sessions first: whoever was given a `sid` before is then found and told,
    and whoever gets one afterwards can redeem nothing with it.
    """
    living = select(LoginSession.id).where(condition, LoginSession.ended_at.is_(None))
    found = session().scalars(living.order_by(LoginSession.id).with_for_update()).all()
    if not found:
        return
    session().execute(update(LoginSession).where(LoginSession.id.in_(found)).values(ended_at=clock.now()))
    extranets.promise_to_tell(found)


@event.listens_for(Identity.epoch, "set")
@event.listens_for(LegacyAccount.epoch, "set")
def _note_risen(holder: Identity | LegacyAccount, *_: Any) -> None:
    work = object_session(holder)
    if work is not None:
        work.info.setdefault(RISEN, set()).add(holder.id)


@event.listens_for(Session, "before_commit")
def _end_outdated(work: Session) -> None:
    """At the very end: a session that was given the new epoch within the transaction lives on (DESIGN « Epochs »)."""
    if RISEN in work.info and not work.in_nested_transaction():
        end_where(_outdated(work.info.pop(RISEN)))


@event.listens_for(Session, "after_rollback")
def _forget_risen(work: Session) -> None:
    if not work.in_nested_transaction():  # a savepoint that is given up gives up nothing that was done before it
        work.info.pop(RISEN, None)


def _outdated(holders: set[uuid.UUID]) -> ColumnElement[bool]:
    """That a session carries an older epoch than its identity or its account, one of `holders`, has now."""
    of_identity = select(Identity.epoch).where(Identity.id == LoginSession.identity_id).scalar_subquery()
    of_account = select(LegacyAccount.epoch).where(LegacyAccount.id == LoginSession.account_id).scalar_subquery()
    return or_(
        and_(LoginSession.identity_id.in_(holders), LoginSession.identity_epoch < of_identity),
        and_(LoginSession.account_id.in_(holders), LoginSession.account_epoch < of_account),
    )
