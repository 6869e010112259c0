"""What the database guarantees of identities, links, what is shown of them, attempt counters and the journal."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

LINK_STATES = ("active", "suspended", "ended")
HOLDER, CO_HOLDER = ROLES = ("holder", "co-holder")


class Identity(Keyed, Base):
    """A person: one proved e-mail address and one password, known to no syndic unless released."""

    __tablename__ = "identities"
    __scope__ = Scope.GLOBAL

    email: Mapped[str] = mapped_column(unique=True)
    """Canonical (`service.canonical_email`)."""
    email_typed: Mapped[str]
    password_hash: Mapped[str]
    profile: Mapped[dict[str, Any]]
    """Standard claim names of OIDC Core §5.1, and `civility`."""
    locale: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=0)
    """Raised by reset, change of password, change of address and « Déconnecter partout »: whatever carries an older one
    is dead."""
    default_link_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When the address was last used: a sign-in or a proof. Written at most once a month (`dormancy`)."""
    bounced_at: Mapped[datetime | None]
    """When its mailbox refused our mail for good: a reset then needs a second proof (SECURITY R14)."""
    frozen_at: Mapped[datetime | None]
    """Since when nobody signs in or resets: a change of address was taken back (SECURITY R4), or the end is near."""
    review_due: Mapped[bool] = mapped_column(server_default="false")
    """After a recovery: the next sign-in shows accounts and authenticators, once (SECURITY R3)."""
    erase_at: Mapped[datetime | None]
    """When everything kept of this person is erased, unless they change their mind."""
    closed_at: Mapped[datetime | None]
    """When that time had come: links have ended and extranets are told; a day later nothing is left."""


class Link(Keyed, OfSyndic, Base):
    """The tie of an identity to a legacy account of one syndic."""

    __tablename__ = "links"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"state IN {LINK_STATES}", name="state"),
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("invited_by IS NULL OR role = 'co-holder'", name="who_is_invited_is_a_co_holder"),
        Index(
            "uq_links_living",
            "identity_id",
            "account_id",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
    )

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identities.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    association_id: Mapped[uuid.UUID]
    sub: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="active")
    label: Mapped[str | None]
    proofs: Mapped[list[str]]
    """How both sides were proved: `legacy`, `extranet`, `second-code` or `invitation`; `mail-link` or `mail-code`."""
    role: Mapped[str] = mapped_column(default=HOLDER, server_default=HOLDER)
    """`holder`: by a code that the syndic issued; `co-holder`: by the invitation of one."""
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("links.id", ondelete="SET NULL"), index=True)
    """The link of whoever invited: what becomes of it may reach this one (docs/decisions/0024)."""
    contest_until: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ClaimRelease(Keyed, OfSyndic, Base):
    """That an identity lets one syndic see one of its central personal claims."""

    __tablename__ = "claim_releases"
    __scope__ = Scope.SYNDIC
    __table_args__ = (UniqueConstraint("identity_id", "syndic_id", "claim"),)

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identities.id"), index=True)
    claim: Mapped[str]
    released_at: Mapped[datetime]


class MenuShare(Keyed, OfSyndic, Base):
    """That an identity lets the menus of other extranets show its accounts at this syndic (JOURNEYS C7)."""

    __tablename__ = "menu_shares"
    __scope__ = Scope.SYNDIC
    __table_args__ = (UniqueConstraint("identity_id", "syndic_id"),)

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identities.id"))
    shown_at: Mapped[datetime]


class LoginAttempts(Base):
    """Failures counted against a submitted name, whether or not anybody bears it. `name` is keyed, never in clear."""

    __tablename__ = "login_attempts"
    __scope__ = Scope.GLOBAL

    name: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class KnownDevice(Base):
    """A browser from which somebody has signed in under a name before (SECURITY R13): it has a counter of its own.

    `name` as in `LoginAttempts`, but an identifier's without its network. `identity_id` null: a legacy identifier's.
    """

    __tablename__ = "known_devices"
    __scope__ = Scope.GLOBAL

    name: Mapped[bytes] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    identity_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    counted_at: Mapped[datetime]


class NetworkPressure(Base):
    """How many names have failed of late from one network at one syndic: a bucket that leaks. `network` is keyed."""

    __tablename__ = "network_pressure"
    __scope__ = Scope.GLOBAL

    network: Mapped[bytes] = mapped_column(primary_key=True)
    level: Mapped[float]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class SecurityEvent(Keyed, Base):
    """One line of the security journal: of an identity, or of a submitted name that may have no bearer."""

    __tablename__ = "security_journal"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint("(identity_id IS NULL) <> (name IS NULL)", name="one_subject"),)

    identity_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    name: Mapped[bytes | None] = mapped_column(index=True)
    syndic_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    recorded_at: Mapped[datetime]
    network: Mapped[str]
    user_agent: Mapped[str]
    details: Mapped[dict[str, Any]]


class PasswordReset(Keyed, Base):
    """A request for a reset mail. `identity_id` null: nobody bears that address, and the mail says so to its owner."""

    __tablename__ = "password_resets"
    __scope__ = Scope.GLOBAL

    email: Mapped[str] = mapped_column(index=True)
    identity_id: Mapped[uuid.UUID | None]
    identity_epoch: Mapped[int | None]
    locale: Mapped[str]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
