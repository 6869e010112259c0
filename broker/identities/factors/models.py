"""What the database guarantees of second factors, and of the browsers in which one is still to be shown."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

_IDENTITY = "identities.id"


class Passkey(Keyed, Base):
    """A public key whose private half an authenticator keeps (WebAuthn Level 3 §4 « credential record »)."""

    __tablename__ = "passkeys"
    __scope__ = Scope.GLOBAL

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_IDENTITY, ondelete="CASCADE"), index=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    """How our own pages name it."""
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    """COSE_Key (RFC 9052 §7)."""
    sign_count: Mapped[int]
    synced: Mapped[bool]
    """Whether it may be on several devices (the backup eligibility flag)."""
    transports: Mapped[list[str]]
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Keyed, Base):
    """A challenge that was given to one browser for one ceremony: deleted when it is answered, whatever the answer."""

    __tablename__ = "passkey_challenges"
    __scope__ = Scope.GLOBAL

    holder_id: Mapped[uuid.UUID] = mapped_column(index=True)
    """The login session that adds a passkey, or the check that asks for one."""
    challenge: Mapped[bytes]
    expires_at: Mapped[datetime]


class AuthenticatorApp(Keyed, Base):
    """A TOTP seed (RFC 6238). It counts for nothing until a first right code confirms it; one an identity does."""

    __tablename__ = "authenticator_apps"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        Index(
            "uq_authenticator_apps_confirmed",
            "identity_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
        Index("ix_authenticator_apps_unconfirmed", "created_at", postgresql_where=text("confirmed_at IS NULL")),
    )

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_IDENTITY, ondelete="CASCADE"), index=True)
    session_id: Mapped[uuid.UUID] = mapped_column(index=True)
    """The login session that enrols it: the only one that may confirm it."""
    seed: Mapped[bytes]
    """Encrypted."""
    last_step: Mapped[int] = mapped_column(default=0)
    """The newest time step whose code was taken: none is taken twice (RFC 6238 §5.2)."""
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class RecoveryCode(Keyed, Base):
    """One code of a printed list: an HMAC of it, good once."""

    __tablename__ = "recovery_codes"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("identity_id", "code_mac"),)

    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_IDENTITY, ondelete="CASCADE"))
    code_mac: Mapped[bytes]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FactorCheck(Keyed, Base):
    """That the right password of an identity was typed in one browser, where a factor is still to be shown."""

    __tablename__ = "factor_checks"
    __scope__ = Scope.GLOBAL

    token_digest: Mapped[bytes] = mapped_column(unique=True)
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_IDENTITY, ondelete="CASCADE"), index=True)
    identity_epoch: Mapped[int]
    factors: Mapped[bytes]
    """A digest of the factors that were enrolled at that moment: others make the check void."""
    place: Mapped[str]
    """Where it goes on: a page of another place does not take it."""
    after: Mapped[dict[str, Any]]
    """What the sign-in will be, in the words of that place."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
