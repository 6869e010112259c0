"""What leaves its table when its time is over, table by table.

Rows with a UUIDv7 key are found by it where their life is the same for all: `_before` is then the first condition, and
the second says the same to the second.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, literal_column

from broker.association.confirmation import CONTESTABLE
from broker.association.models import (
    Announcement,
    Association,
    BrowserProof,
    Contest,
    Invitation,
    MailedProof,
    ReminderRound,
)
from broker.association.proofs import PROOF_LIFE
from broker.identities.addresses.models import AddressChange
from broker.identities.attempts import EMAIL_LOCK
from broker.identities.factors import checks
from broker.identities.factors.apps import ENROLMENT_LIFE
from broker.identities.factors.models import AuthenticatorApp, FactorCheck, PasskeyChallenge
from broker.identities.factors.passkeys import CHALLENGE_LIFE
from broker.identities.models import KnownDevice, LoginAttempts, NetworkPressure, PasswordReset, SecurityEvent
from broker.oidc.models import Grant, UsedProof
from broker.sessions.models import AuthorizationRequest, LoginSession
from config.database import Base, Keyed
from config.mail.models import Mail, MailCount, MailSuppression
from config.mail.states import OPEN
from config.outbox import Lane, Promise
from config.planning import none
from config.settings import settings
from tenants.legacy.models import SecondCode
from tenants.webhooks.models import WebhookDelivery, WebhookEvent

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
MAIL_KEPT = timedelta(days=90)
"""So long an operator can say whether a mail has left."""
DEVICE_KEPT = timedelta(days=400)
"""As long as a browser keeps its cookie."""
YEAR = timedelta(days=365)
"""Of the journal: twelve months (CNIL 2021-122)."""
TO_SYNDICS = "circle_admission"
"""Members of a circle are asked whether they were told; such a mail names no person."""

Condition = Callable[[datetime], ColumnElement[bool]]

RULES: list[tuple[type[Base], Condition]] = [
    (AuthorizationRequest, lambda now: AuthorizationRequest.expires_at <= now),
    # A used code stays a day, so that its second use is known as one (RFC 6749 §4.1.2).
    (Grant, lambda now: Grant.expires_at <= now - DAY),
    (UsedProof, lambda now: UsedProof.expires_at <= now),
    (BrowserProof, lambda now: _before(BrowserProof, now - PROOF_LIFE) & (BrowserProof.expires_at <= now)),
    (MailedProof, lambda now: _mailed_proof(now - MONTH)),
    (Contest, lambda now: _before(Contest, now - CONTESTABLE - MONTH) & (Contest.expires_at <= now - MONTH)),
    (Announcement, lambda now: Announcement.expires_at <= now - DAY),
    (ReminderRound, lambda now: ReminderRound.deadline <= now - MONTH),
    (Invitation, lambda now: Invitation.link_id.is_(None) & (Invitation.expires_at <= now - MONTH)),
    (SecondCode, lambda now: _unused_code(now - YEAR)),
    (PasswordReset, lambda now: _before(PasswordReset, now - DAY) & (PasswordReset.expires_at <= now)),
    (AddressChange, lambda now: AddressChange.confirmed_at.is_(None) & (AddressChange.created_at <= now - MONTH)),
    (FactorCheck, lambda now: _before(FactorCheck, now - checks.LIFE) & (FactorCheck.expires_at <= now)),
    (
        PasskeyChallenge,
        lambda now: _before(PasskeyChallenge, now - CHALLENGE_LIFE) & (PasskeyChallenge.expires_at <= now),
    ),
    (AuthenticatorApp, lambda now: AuthenticatorApp.confirmed_at.is_(None) & _is_shown_no_more(now)),
    (LoginAttempts, lambda now: LoginAttempts.updated_at <= now - EMAIL_LOCK),
    (NetworkPressure, lambda now: NetworkPressure.updated_at <= now - DAY),
    (KnownDevice, lambda now: KnownDevice.seen_at <= now - DEVICE_KEPT),
    (SecurityEvent, lambda now: _before(SecurityEvent, now - YEAR)),
    (MailCount, lambda now: MailCount.since <= now - DAY),
    (MailSuppression, lambda now: MailSuppression.until <= now),
    (Mail, lambda now: _before(Mail, now - MAIL_KEPT) & Mail.state.not_in(OPEN) & (Mail.kind != TO_SYNDICS)),
    (Promise, lambda now: _before(Promise, now - MONTH) & (Promise.done_at <= now - MONTH)),
    (WebhookDelivery, lambda now: _before(WebhookDelivery, now - MONTH) & _is_settled()),
    (WebhookEvent, lambda now: _before(WebhookEvent, now - MONTH) & _is_told(now - MONTH)),
    (Lane, lambda now: Lane.taken_at <= now - MONTH),
]
"""In this order, so that what waits for another table's rows to go finds them gone."""


def _before(model: type[Keyed], moment: datetime) -> ColumnElement[bool]:
    """That a row was made before that moment, by its UUIDv7 (RFC 9562 §5.7): rows by time, without an index for it."""
    return model.id < uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def _mailed_proof(before: datetime) -> ColumnElement[bool]:
    life = timedelta(seconds=settings().timings.mail_link_s)
    return _before(MailedProof, before - life) & (MailedProof.link_expires_at <= before)


def _unused_code(before: datetime) -> ColumnElement[bool]:
    """A code that led to a link stays with the attempt that made it: its holder is told that it is of no use."""
    not_shown = none(LoginSession.second_code_id == SecondCode.id)
    not_used = none(Association.second_code_id == SecondCode.id)
    return (SecondCode.state != literal_column("'retired'")) & (SecondCode.expires_at <= before) & not_shown & not_used


def _is_shown_no_more(now: datetime) -> ColumnElement[bool]:
    return AuthenticatorApp.created_at <= now - ENROLMENT_LIFE


def _is_settled() -> ColumnElement[bool]:
    """What became of it stands in the outbox: when that has gone, there is nothing to say of it any more."""
    return none(Promise.id == WebhookDelivery.promise_id)


def _is_told(before: datetime) -> ColumnElement[bool]:
    return (WebhookEvent.told_at <= before) & none(WebhookDelivery.event_id == WebhookEvent.id)
