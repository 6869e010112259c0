"""What the database guarantees of webhook endpoints, of what they are told, and of the keys that sign it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config import secrets
from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

TOPICS = ("association.confirmed", "legacy.disabled", "link.ended", "identity.erased")
STATUSES = ("active", "disabled")


class WebhookEndpoint(Keyed, OfSyndic, Base):
    """An address of a syndic's that is told of what happens at this syndic."""

    __tablename__ = "webhook_endpoints"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        UniqueConstraint("syndic_id", "url"),
    )

    public_id: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token()[:16])
    name: Mapped[str]
    url: Mapped[str]
    topics: Mapped[list[str]]
    status: Mapped[str] = mapped_column(default="active")
    disabled_because: Mapped[str | None]
    created_at: Mapped[datetime]


class WebhookEvent(Keyed, OfSyndic, Base):
    """Something that happened at one syndic, as it is told to it and to nobody else: ids, and no personal value."""

    __tablename__ = "webhook_events"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        UniqueConstraint("syndic_id", "key"),
        Index("ix_webhook_events_account", "syndic_id", "account"),
    )

    public_id: Mapped[str] = mapped_column(unique=True, default=secrets.token)
    """Random: the key would tell when the row was made, which an erasure does not."""
    topic: Mapped[str]
    account: Mapped[str | None]
    """The public id of the account that it is about: the events of one account are told in their order."""
    facts: Mapped[dict[str, Any]]
    key: Mapped[str]
    """The same key a second time tells nothing new."""
    told_at: Mapped[datetime]
    """When it happened; for an erasure, when it is told."""


class WebhookDelivery(Keyed, OfSyndic, Base):
    """That an endpoint is to be told of an event. What became of it stands in the outbox, by the promise."""

    __tablename__ = "webhook_deliveries"
    __scope__ = Scope.SYNDIC

    endpoint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_events.id", ondelete="CASCADE"), index=True)
    promise_id: Mapped[uuid.UUID] = mapped_column(unique=True)


class WebhookKey(Keyed, OfSyndic, Base):
    """A key that signs what this syndic's endpoints are told: from one instant on, until the next one does."""

    __tablename__ = "webhook_keys"
    __scope__ = Scope.SYNDIC

    kid: Mapped[str] = mapped_column(unique=True)
    """Its thumbprint (RFC 7638)."""
    public_jwk: Mapped[dict[str, Any]]
    private_key: Mapped[bytes | None]
    """PKCS#8 DER, encrypted in the context `webhook-key:{kid}`; null once another key signs."""
    signs_from: Mapped[datetime]
