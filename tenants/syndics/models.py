"""What the database guarantees of a syndic."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

STATUSES = ("draft", "active", "suspended", "closed")
ASSOCIATION_POLICIES = ("optional", "required")
DISABLE_POLICIES = ("after_confirmation", "never")
TOMBSTONE_DAYS = 3 * 365


class Syndic(Keyed, Base):
    """A property manager: our customer, and an OpenID issuer of its own."""

    __tablename__ = "syndics"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint(f"association_policy IN {ASSOCIATION_POLICIES}", name="association_policy"),
        CheckConstraint(f"legacy_disable IN {DISABLE_POLICIES}", name="legacy_disable"),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    siren: Mapped[str]
    status: Mapped[str]
    colour: Mapped[str]
    logo: Mapped[bytes | None]
    contact: Mapped[dict[str, Any]]
    """`{"phone", "email", "hours"}`, each a string."""
    locale: Mapped[str]
    association_policy: Mapped[str]
    association_deadline: Mapped[datetime | None]
    legacy_disable: Mapped[str]
    session_idle_s: Mapped[int] = mapped_column(default=30 * 86400)
    """How long « Garder ma session active » lasts without a visit, in seconds; 30 days at most."""
    session_longest_s: Mapped[int] = mapped_column(default=180 * 86400)
    """And in all; 180 days at most."""
    tombstone_days: Mapped[int] = mapped_column(default=TOMBSTONE_DAYS, server_default=str(TOMBSTONE_DAYS))
    """For how many days after its end a retired secret is known again, so that its holder is told (JOURNEYS B12)."""
    pairwise_salt: Mapped[bytes]
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every change of the syndic, its clients or its keys: caches compare it."""
    created_at: Mapped[datetime]


class OfSyndic:
    """The column that makes a table one syndic's."""

    syndic_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
