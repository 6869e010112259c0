"""Deletes what has served: bounded batches, each in a transaction of its own, so that nobody waits for it."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, tuple_

from broker.association.models import Announcement, BrowserProof, Invitation
from broker.identities.addresses.models import AddressChange
from broker.identities.attempts import EMAIL_LOCK
from broker.identities.factors.apps import ENROLMENT_LIFE as SHOWN
from broker.identities.factors.models import AuthenticatorApp, FactorCheck, PasskeyChallenge
from broker.identities.models import KnownDevice, LoginAttempts, NetworkPressure, SecurityEvent
from broker.oidc.models import Grant, UsedProof
from broker.sessions.models import AuthorizationRequest
from config import clock
from config.database import Base, transaction
from config.mail.models import MailCount, MailSuppression
from config.outbox import Lane, Promise
from tenants.webhooks.models import WebhookDelivery, WebhookEvent
from workers.alone import HOUSEKEEPING, is_alone

BATCH = 1000
CHANGE_SHOWN = timedelta(days=30)
"""How long a change of address that came to nothing is remembered; one that was made, as long as the person."""
DEVICE_KEPT = timedelta(days=400)
"""As long as a browser keeps its cookie."""
JOURNAL_KEPT = timedelta(days=365)
"""CNIL 2021-122: twelve months."""


def tidy() -> int:
    """Delete expired requests and proofs, lapsed counters, grants a day after they expired, promises kept 30 days ago
    with the webhooks that they were for, and what the security journal has kept for twelve months.

    A used code stays a day, so that its second use is known as one (RFC 6749 §4.1.2). Returns the rows deleted.
    """
    now = clock.now()
    worn_out: list[tuple[type[Base], ColumnElement[bool]]] = [
        (AuthorizationRequest, AuthorizationRequest.expires_at <= now),
        (Grant, Grant.expires_at <= now - timedelta(days=1)),
        (UsedProof, UsedProof.expires_at <= now),
        (BrowserProof, BrowserProof.expires_at <= now),
        (Announcement, Announcement.expires_at <= now - timedelta(days=1)),
        (MailCount, MailCount.since <= now - timedelta(days=1)),
        (MailSuppression, MailSuppression.until <= now),
        (FactorCheck, FactorCheck.expires_at <= now),
        (PasskeyChallenge, PasskeyChallenge.expires_at <= now),
        (AuthenticatorApp, AuthenticatorApp.confirmed_at.is_(None) & (AuthenticatorApp.created_at <= now - SHOWN)),
        (Invitation, Invitation.link_id.is_(None) & (Invitation.expires_at <= now - CHANGE_SHOWN)),
        (AddressChange, (AddressChange.confirmed_at.is_(None)) & (AddressChange.created_at <= now - CHANGE_SHOWN)),
        (LoginAttempts, LoginAttempts.updated_at <= now - EMAIL_LOCK),
        (NetworkPressure, NetworkPressure.updated_at <= now - timedelta(days=1)),
        (KnownDevice, KnownDevice.seen_at <= now - DEVICE_KEPT),
        (SecurityEvent, SecurityEvent.id < _first_id_of(now - JOURNAL_KEPT)),
        (Promise, Promise.done_at <= now - timedelta(days=30)),
        (WebhookDelivery, ~exists().where(Promise.id == WebhookDelivery.promise_id)),
        (WebhookEvent, _is_told(now - timedelta(days=30))),
        (Lane, Lane.taken_at <= now - timedelta(days=30)),
    ]
    return sum(_delete(model, condition) for model, condition in worn_out)


def _first_id_of(moment: datetime) -> uuid.UUID:
    """The lowest UUIDv7 of that millisecond (RFC 9562 §5.7): rows by time, without an index for it."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def _is_told(before: datetime) -> ColumnElement[bool]:
    waits = exists().where(WebhookDelivery.event_id == WebhookEvent.id)
    return (WebhookEvent.told_at <= before) & ~waits


def _delete(model: type[Base], condition: ColumnElement[bool]) -> int:
    total = 0
    while count := _delete_batch(model, condition):
        total += count
    return total


def _delete_batch(model: type[Base], condition: ColumnElement[bool]) -> int:
    key = tuple(model.__table__.primary_key)
    batch = select(*key).where(condition).limit(BATCH)
    statement = delete(model).where(tuple_(*key).in_(batch)).returning(*key)
    statement = statement.execution_options(synchronize_session=False)
    with transaction() as work:
        return len(work.execute(statement).all()) if is_alone(work, HOUSEKEEPING) else 0
