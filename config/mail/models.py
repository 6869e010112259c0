"""What the database guarantees of a mail's record. Its text is not kept: it holds secrets."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

STATES = ("queued", "accepted", "deferred", "refused", "bounced", "lapsed")
"""What each means, and what may follow it: `config.mail.states`."""


class Mail(Keyed, Base):
    """One mail to one address. `subject_id` is what it is about (an attempt, a link)."""

    __tablename__ = "mails"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    kind: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    locale: Mapped[str]
    """The reader's language, in which the mail is written."""
    network: Mapped[str | None]
    """The network of whoever asked for a mail that anybody may ask for; null: it tells of something that happened."""
    syndic_id: Mapped[uuid.UUID | None]
    """The syndic on whose behalf it goes out, if there is one."""
    state: Mapped[str]
    reply: Mapped[str | None]
    """The SMTP server's last answer, or what the notice of a bounce says."""
    complained_at: Mapped[datetime | None]
    """When its reader reported it as unwanted."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MailCount(Base):
    """How many mails were promised since an instant: to one address, from one network, for one syndic.

    `name` is keyed: the table holds no address in clear.
    """

    __tablename__ = "mail_counts"
    __scope__ = Scope.GLOBAL

    name: Mapped[bytes] = mapped_column(primary_key=True)
    counted: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)


class MailSuppression(Base):
    """An address to which nothing is tried until a time. `name` is keyed: the table holds no address in clear."""

    __tablename__ = "mail_suppressions"
    __scope__ = Scope.GLOBAL

    name: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    """`bounce` or `complaint`."""
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
