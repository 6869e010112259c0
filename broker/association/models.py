"""What the database guarantees of an attempt and of its mailed proofs."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

STATES = ("draft", "waiting", "confirmed", "ended")
INVITATION_STATES = ("open", "accepted", "ended")


class Association(Keyed, OfSyndic, Base):
    """One attempt, begun by one legacy sign-in. `draft` until the terms are accepted, then `waiting`."""

    __tablename__ = "associations"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("session_id IS NULL OR legacy_proof <> 'invitation'", name="invited_without_a_sign_in"),
        CheckConstraint(
            "session_id IS NOT NULL OR legacy_proof = 'invitation' OR state IN ('confirmed', 'ended')",
            name="begun_by_a_sign_in_or_invited",
        ),
        CheckConstraint("(second_code_id IS NULL) = (legacy_proof <> 'second-code')", name="second_code"),
        Index("ix_associations_expires_at", "expires_at", postgresql_where=text("state <> 'confirmed'")),
        Index(
            "ix_associations_to_strip",
            "id",
            postgresql_where=text("state IN ('confirmed', 'ended') AND password_hash IS NOT NULL"),
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    account_epoch: Mapped[int]
    """Of the account's own secret: what rests on something else does not look at it (`grounds`)."""
    session_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL"), index=True
    )
    """The legacy sign-in that began it, or the one after which the same browser went on with it; null: an invitation
    began it, or both are over."""
    second_code_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("second_codes.id"), index=True)
    invitation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="SET NULL"), index=True
    )
    browser_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Of the cookie by which the browser of the attempt finds it again at its next legacy sign-in (JOURNEYS B10)."""
    legacy_proof: Mapped[str] = mapped_column(default="legacy")
    """How the legacy side was proved: `legacy` (the secret, here), `extranet` (the syndic's own word, B14),
    `second-code` (one of those) or `invitation` (a holder's word)."""
    request_handle: Mapped[str | None]
    """The authorization request to go on with."""
    state: Mapped[str] = mapped_column(default="draft")
    ended_because: Mapped[str | None]
    """`contested`, `tries`, `other-confirmed`, `already-linked`, `erased`, `withdrawn`, `expired`; `released`: the
    account got a new secret."""
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


class ReminderRound(Keyed, OfSyndic, Base):
    """That owners are reminded of a syndic's deadline: how far this round has come, and when it was done."""

    __tablename__ = "reminder_rounds"
    __scope__ = Scope.SYNDIC
    __table_args__ = (UniqueConstraint("syndic_id", "deadline", "stage"),)

    deadline: Mapped[datetime]
    stage: Mapped[str]
    after: Mapped[str | None]
    """The last address that was looked at; null: none yet, or the round is done."""
    finished_at: Mapped[datetime | None]


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


class Invitation(Keyed, OfSyndic, Base):
    """That a holder of an account invites a person to hold it too (JOURNEYS C8).

    Of the invited person it knows what the inviter typed, and nothing else: whether anybody has that address is looked
    at when its reader has shown the spoken code.
    """

    __tablename__ = "invitations"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"state IN {INVITATION_STATES}", name="state"),
        Index("uq_invitations_open", "inviter_link_id", "email", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_invitations_unaccepted", "expires_at", postgresql_where=text("link_id IS NULL")),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identities.id"), index=True)
    """The inviter's."""
    inviter_link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"), index=True)
    link_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("links.id", ondelete="SET NULL"), index=True)
    """What became of it."""
    name: Mapped[str]
    """Of the invited person, as the inviter calls them in the own list."""
    email: Mapped[str] = mapped_column(index=True)
    email_typed: Mapped[str]
    locale: Mapped[str]
    code: Mapped[bytes]
    """The spoken code, encrypted in the context `invitation:{id}`: its inviter reads it as often as needed."""
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Of the mail's link, minted by the worker at sending."""
    tries: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="open")
    ended_because: Mapped[str | None]
    """`withdrawn`, `tries`, `contested`, `refused`, `expired`."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
