"""What the database guarantees of an attempt and of its mailed proofs."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

STATES = ("draft", "waiting", "confirmed", "ended")


class Association(Keyed, OfSyndic, Base):
    """One attempt, begun by one legacy sign-in. `draft` until the terms are accepted, then `waiting`."""

    __tablename__ = "associations"
    __scope__ = Scope.SYNDIC
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    account_epoch: Mapped[int]
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("login_sessions.id"), index=True)
    """The legacy sign-in that began it: the browser of the attempt."""
    request_handle: Mapped[str | None]
    """The authorization request to go on with."""
    state: Mapped[str] = mapped_column(default="draft")
    ended_because: Mapped[str | None]
    """`corrected`, `replaced`, `contested`, `tries`, `other-confirmed`, `expired`."""
    email: Mapped[str | None]
    email_typed: Mapped[str | None]
    password_hash: Mapped[str | None]
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    locale: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    """Failed entries on the mail link's page; five void the attempt."""
    code_tries: Mapped[int] = mapped_column(default=0)
    mails_sent: Mapped[int] = mapped_column(default=0)
    last_mail_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    link_id: Mapped[uuid.UUID | None]


class MailedProof(Keyed, Base):
    """The link and the code of one mail, minted by the worker at sending. Dies on use, on cancel and on unlink."""

    __tablename__ = "mailed_proofs"
    __scope__ = Scope.GLOBAL

    association_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("associations.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    code_mac: Mapped[bytes]
    created_at: Mapped[datetime]
    link_expires_at: Mapped[datetime]
    code_expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BrowserProof(Keyed, Base):
    """That one browser has shown the credentials of one attempt: the right to see « Confirmer » there, for a while."""

    __tablename__ = "browser_proofs"
    __scope__ = Scope.GLOBAL

    association_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("associations.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    means: Mapped[str]
    """`mail-link` or `mail-code`."""
    identity_id: Mapped[uuid.UUID | None]
    """The existing identity whose password was typed; null where a new one will be made."""
    password_shown: Mapped[bool]
    """Whether a password was proved: always by link; by code only where the address has no identity."""
    acr: Mapped[str | None]
    """How strongly the identity has signed in with its second factor; null: none was shown."""
    amr: Mapped[list[str] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
