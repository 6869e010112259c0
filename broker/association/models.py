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
    """The legacy sign-in that began it, or the one after which the same browser went on with it."""
    browser_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Of the cookie by which the browser of the attempt finds it again at its next legacy sign-in (JOURNEYS B10)."""
    legacy_proof: Mapped[str] = mapped_column(default="legacy")
    """How the legacy side was proved: `legacy` (the secret, here) or `extranet` (the syndic's own word, B14)."""
    request_handle: Mapped[str | None]
    """The authorization request to go on with."""
    state: Mapped[str] = mapped_column(default="draft")
    ended_because: Mapped[str | None]
    """`contested`, `tries`, `other-confirmed`, `already-linked`; `released`: the account got a new secret; `erased`."""
    email: Mapped[str | None]
    email_typed: Mapped[str | None]
    password_hash: Mapped[str | None]
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    locale: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    """Failed entries on the mail link's page; five void the attempt."""
    code_tries: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None]
    """When it first reached B6: from then on its sign-in is let in, whatever becomes of the mail (JOURNEYS B1)."""
    mails_sent: Mapped[int] = mapped_column(default=0)
    last_mail_at: Mapped[datetime | None]
    mail_capped_at: Mapped[datetime | None]
    """When the last mail that was asked for did not go out, because the address has got enough (SECURITY R15)."""
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


class Contest(Keyed, OfSyndic, Base):
    """The right of the address that the syndic knew to say « Ce n'est pas moi » of one link (JOURNEYS B13).

    The mail's link and code are minted by the worker at sending.
    """

    __tablename__ = "contests"
    __scope__ = Scope.SYNDIC

    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    code_mac: Mapped[bytes | None]
    tries: Mapped[int] = mapped_column(default=0)
    tries_since: Mapped[datetime]
    """Since when the tries are counted: five a day."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Announcement(Keyed, OfSyndic, Base):
    """That an extranet sends the browser of somebody who is signed in there to associate that account (B14)."""

    __tablename__ = "announcements"
    __scope__ = Scope.SYNDIC

    handle_digest: Mapped[bytes] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    account_epoch: Mapped[int]
    auth_time: Mapped[datetime]
    """When the person signed in there, as the extranet says."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """Until when the browser may open it."""
    used_at: Mapped[datetime | None]
    session_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    """The legacy sign-in that it became by the extranet's word alone; null where the secret was typed here."""
