"""The one place where login sessions end, so that no end can be forgotten: neither here nor at the extranets.

A session ends because somebody asked (`broker.sessions.service`), or because an epoch rose above the one that it
carries (SECURITY R2). The second is noticed on the objects themselves: whoever raises an epoch, for whatever reason,
ends with the same commit every session that carries an older one.

A sign-in by a second code rests on that code alone: an account's epoch that rises takes it along, and the code's end is
its end. That, too, is noticed on the objects.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, and_, event, or_, select, update
from sqlalchemy.orm import Session, object_session

from broker.identities.models import Identity
from broker.sessions import extranets
from broker.sessions.models import LoginSession, when_kept
from config import clock
from config.database import session
from tenants.legacy.models import LegacyAccount, SecondCode

RISEN = "holders_whose_epoch_rose"
ENDED_CODES = "second_codes_that_have_ended"


def end_where(condition: ColumnElement[bool]) -> None:
    """End the living sessions of this condition and promise to tell their extranets, in the caller's transaction.

    The rows are locked against new client sessions first: whoever was given a `sid` before is then found and told,
    and whoever gets one afterwards can redeem nothing with it.
    """
    living = select(LoginSession.id).where(condition, LoginSession.ended_at.is_(None))
    found = session().scalars(living.order_by(LoginSession.id).with_for_update()).all()
    if not found:
        return
    over = {"ended_at": clock.now(), "look_again_at": when_kept()}
    session().execute(update(LoginSession).where(LoginSession.id.in_(found)).values(over))
    extranets.promise_to_tell(found)


@event.listens_for(Identity.epoch, "set")
@event.listens_for(LegacyAccount.epoch, "set")
def _note_risen(holder: Identity | LegacyAccount, *_: Any) -> None:
    work = object_session(holder)
    if work is not None:
        work.info.setdefault(RISEN, set()).add(holder.id)


@event.listens_for(SecondCode.state, "set")
def _note_ended(code: SecondCode, state: str, *_: Any) -> None:
    work = object_session(code)
    if work is not None and state != "active":
        work.info.setdefault(ENDED_CODES, set()).add(code.id)


@event.listens_for(Session, "before_commit")
def _end_outdated(work: Session) -> None:
    """At the very end: a session that was given the new epoch within the transaction lives on (DESIGN « Epochs »)."""
    if work.in_nested_transaction():
        return
    if ENDED_CODES in work.info:
        end_where(_of_codes(work.info.pop(ENDED_CODES)))
    if RISEN in work.info:
        risen = work.info.pop(RISEN)
        _take_along(risen)
        end_where(_outdated(risen))


@event.listens_for(Session, "after_rollback")
def _forget_risen(work: Session) -> None:
    if not work.in_nested_transaction():  # a savepoint that is given up gives up nothing that was done before it
        work.info.pop(RISEN, None)
        work.info.pop(ENDED_CODES, None)


def _outdated(holders: set[uuid.UUID]) -> ColumnElement[bool]:
    """That a session carries an older epoch than its identity or its account, one of `holders`, has now."""
    of_identity = select(Identity.epoch).where(Identity.id == LoginSession.identity_id).scalar_subquery()
    of_account = select(LegacyAccount.epoch).where(LegacyAccount.id == LoginSession.account_id).scalar_subquery()
    return or_(
        and_(LoginSession.identity_id.in_(holders), LoginSession.identity_epoch < of_identity),
        and_(LoginSession.account_id.in_(holders), LoginSession.account_epoch < of_account),
    )


def _take_along(holders: set[uuid.UUID]) -> None:
    """The living sign-ins by second codes of these accounts carry the new epoch: they do not rest on what ended."""
    of_account = select(LegacyAccount.epoch).where(LegacyAccount.id == LoginSession.account_id).scalar_subquery()
    theirs = and_(LoginSession.account_id.in_(holders), LoginSession.second_code_id.is_not(None))
    moved = update(LoginSession).where(theirs, LoginSession.ended_at.is_(None)).values(account_epoch=of_account)
    session().execute(moved.execution_options(synchronize_session=False))


def _of_codes(ended: set[uuid.UUID]) -> ColumnElement[bool]:
    """That a session rests on one of these second codes, and is not the one that outlives it."""
    spared = select(SecondCode.spared_session_id).where(SecondCode.id == LoginSession.second_code_id).scalar_subquery()
    return and_(LoginSession.second_code_id.in_(ended), LoginSession.id.is_distinct_from(spared))
