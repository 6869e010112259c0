"""Attempts: they end when their time is over, give up what nobody needs any more, and go a month later.

A confirmed one is the origin of a link, and stays with it: how it was proved, to which address, and nothing else.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, literal_column, select, update
from sqlalchemy.orm import Session

from broker.association import service
from broker.association.models import Association, BrowserProof, MailedProof
from tenants.audit import subjects
from tenants.legacy.models import LegacyAccount
from tenants.terms.models import TermsAcceptance
from workers.housekeeping import steps

KEPT = timedelta(days=30)
"""So long its browser and its mails' links are told what became of it."""
FEW = 100
"""Of those that end one by one."""
_UNCONFIRMED = Association.state != literal_column("'confirmed'")
_OVER = Association.state.in_([literal_column("'confirmed'"), literal_column("'ended'")])
"""To the letter the conditions of the indexes by which they are found (`tenants.legacy.models.LIVING` says why)."""


def expire(work: Session, now: datetime) -> int:
    """End what has waited for too long: the account is free again. The account first, as wherever both are held."""
    over = select(Association.id, Association.account_id).where(
        _UNCONFIRMED, Association.state.in_(service.LIVING), Association.expires_at <= now
    )
    found = work.execute(over.order_by(Association.expires_at).limit(FEW)).all()
    accounts = select(LegacyAccount.id).where(LegacyAccount.id.in_({each.account_id for each in found}))
    held = set(work.scalars(accounts.order_by(LegacyAccount.id).with_for_update(skip_locked=True)))
    mine = [each.id for each in found if each.account_id in held]
    rows = select(Association).where(Association.id.in_(mine)).with_for_update(skip_locked=True)
    ended = 0
    for attempt in work.scalars(rows.execution_options(populate_existing=True)).all():
        if attempt.state in service.LIVING and attempt.expires_at <= now:  # not confirmed, nor mailed again, meanwhile
            service.expire(attempt)
            ended += 1
    return ended


def strip(work: Session, _now: datetime) -> int:
    """Erase password and personal part of attempts that are over: the identity has them, or nobody needs them."""
    batch = steps.held(Association, select(Association).where(_OVER, Association.password_hash.is_not(None)))
    return steps.dealt_with(work, update(Association).where(batch).values(password_hash=None, profile={}))


def forget(work: Session, now: datetime) -> int:
    """Delete attempts that came to nothing, with what they hold: proofs, acceptances, and whose the evidence is."""
    over = (_UNCONFIRMED, Association.state == "ended", Association.expires_at <= now - KEPT)
    batch = select(Association.id).where(*over)
    gone = work.scalars(batch.limit(steps.BATCH).with_for_update(skip_locked=True)).all()
    if gone:
        _forget(work, list(gone))
    return len(gone)


def _forget(work: Session, gone: list[uuid.UUID]) -> None:
    for model in (MailedProof, BrowserProof, TermsAcceptance):
        work.execute(delete(model).where(model.association_id.in_(gone)))
    subjects.forget(gone)
    work.execute(delete(Association).where(Association.id.in_(gone)))
