"""What the database guarantees of a mail's record. Its text is not kept: it holds secrets."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

STATES = ("queued", "accepted", "deferred", "refused", "bounced")


class Mail(Keyed, Base):
    """One mail to one address. `subject_id` is what it is about (an attempt, a link)."""

    __tablename__ = "mails"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    kind: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    locale: Mapped[str]
    state: Mapped[str]
    reply: Mapped[str | None]
    """The SMTP server's last answer."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
