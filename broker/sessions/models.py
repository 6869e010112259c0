"""What the database guarantees of login sessions, of who was told of them, and of the requests that wait for one."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from config import clock
from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

KEPT = timedelta(days=7)
"""After its end: so long the browser of an attempt may ask what became of it, and an extranet be told by hand."""


def when_kept() -> datetime:
    """The first moment at which a session that ends now may go."""
    return clock.now() + KEPT


class LoginSession(Keyed, Base):
    """One sign-in of one browser: an identity's, or a legacy one bound to a single account of a single syndic."""

    __tablename__ = "login_sessions"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint("(identity_id IS NULL) <> (account_id IS NULL)", name="one_subject"),
        CheckConstraint("(account_id IS NULL) = (account_epoch IS NULL)", name="legacy_carries_an_epoch"),
        CheckConstraint("(identity_id IS NULL) = (identity_epoch IS NULL)", name="identity_carries_an_epoch"),
        CheckConstraint("(second_code_id IS NULL) = (sub IS NULL)", name="second_code_has_a_subject"),
        CheckConstraint("second_code_id IS NULL OR account_id IS NOT NULL", name="second_code_is_an_account_s"),
        Index(
            "ix_login_sessions_second_code_id",
            "second_code_id",
            postgresql_where=text("second_code_id IS NOT NULL"),
        ),
    )

    token_digest: Mapped[bytes] = mapped_column(unique=True)
    identity_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("identities.id"), index=True)
    identity_epoch: Mapped[int | None]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    account_epoch: Mapped[int | None]
    authenticated_at: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    persistent: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_s: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the password was last typed again, for a change that asks for it."""
    user_agent: Mapped[str]
    network: Mapped[str]
    terms_due: Mapped[bool] = mapped_column(default=False, server_default="false")
    """The person must accept new terms first: until then the session opens nothing but the page that asks."""
    second_code_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("second_codes.id"))
    """The second code that was shown, where it was not the account's own secret: the sign-in rests on it alone."""
    sub: Mapped[str | None]
    """Its subject; null: the account's own."""
    look_again_at: Mapped[datetime] = mapped_column(default=when_kept, server_default=func.now(), index=True)
    """When housekeeping sees whether it is over: not what decides that, so that a visit need not write it."""


class SessionOrigin(Keyed, Base):
    """A place where this session was authenticated: a syndic, or the portal (null)."""

    __tablename__ = "session_origins"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("session_id", "syndic_id", postgresql_nulls_not_distinct=True),)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("login_sessions.id", ondelete="CASCADE"), index=True)
    syndic_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("syndics.id"))
    authenticated_at: Mapped[datetime]


class ClientSession(Keyed, Base):
    """Which client was given which `sid` in a login session: random per (session, client, link)."""

    __tablename__ = "client_sessions"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        UniqueConstraint("session_id", "client_id", "account_id", name="uq_client_sessions"),
        UniqueConstraint("sid"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("login_sessions.id", ondelete="CASCADE"))
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"))
    sid: Mapped[str]
    sub: Mapped[str]
    """The subject that the client was given with it: its logout token names both."""
    used_at: Mapped[datetime]


class AuthorizationRequest(Keyed, OfSyndic, Base):
    """A validated authorization request that waits: for a sign-in, or (pushed, RFC 9126) for the browser to come.

    Found again by a random handle in the address.
    """

    __tablename__ = "authorization_requests"
    __scope__ = Scope.SYNDIC

    handle_digest: Mapped[bytes] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id"), index=True)
    parameters: Mapped[dict[str, Any]]
    pushed: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def values(self) -> dict[str, str]:
        """The parameters by name."""
        return {name: str(value) for name, value in self.parameters.items()}
