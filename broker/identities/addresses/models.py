"""What the database guarantees of a change of address."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

STATES = ("pending", "void", "confirmed", "reverted", "regained")


class AddressChange(Keyed, Base):
    """One change: `pending -> confirmed`, or `void`; then perhaps `reverted` by the former address -> `regained`.

    An address that somebody has already gets a row like any other, so that the one who asks learns nothing; its
    link and code are never made.
    """

    __tablename__ = "address_changes"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_address_changes_unconfirmed", "created_at", postgresql_where=text("confirmed_at IS NULL")),
        Index("uq_address_changes_pending", "identity_id", unique=True, postgresql_where=text("state = 'pending'")),
    )

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identities.id"), index=True)
    identity_epoch: Mapped[int]
    credentials: Mapped[bytes]
    """SHA-256 of the password hash at that time: with another password the change is void (SECURITY R4)."""
    session_id: Mapped[uuid.UUID]
    """The browser that asked: the code is good there only."""
    email: Mapped[str]
    email_typed: Mapped[str]
    former_email: Mapped[str]
    former_typed: Mapped[str]
    locale: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    code_mac: Mapped[bytes | None]
    code_tries: Mapped[int] = mapped_column(default=0)

    confirmed_at: Mapped[datetime | None]
    revert_until: Mapped[datetime | None]
    revert_digest: Mapped[bytes | None] = mapped_column(unique=True)
    revert_mac: Mapped[bytes | None]
    revert_tries: Mapped[int] = mapped_column(default=0)
    revert_day: Mapped[date | None]
    """The day on which `revert_tries` are counted."""
    reverted_at: Mapped[datetime | None]
