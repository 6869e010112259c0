"""What the database guarantees of legacy accounts and their source."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from config import secrets
from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

STATES = ("active", "pending", "linked", "disable_requested", "disabled", "closed")
CONNECTORS = ("imported", "http", "ldap")
CLOSED_BECAUSE = ("sale", "death", "reused")
SECOND_CODE_STATES = ("active", "retired", "revoked")


class LegacySource(Keyed, OfSyndic, Base):
    """Where a syndic's legacy secrets are verified and disabled. One a syndic."""

    __tablename__ = "legacy_sources"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"kind IN {CONNECTORS}", name="kind"),
        CheckConstraint("kind = 'imported' OR base_url IS NOT NULL", name="remote_has_an_address"),
        Index("uq_legacy_sources_syndic", "syndic_id", unique=True),
    )

    kind: Mapped[str]
    base_url: Mapped[str | None]
    key_id: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    private_key: Mapped[bytes]
    """The connector key (ES256; no id_token key): PKCS#8 DER, encrypted in the context `connector-key:{key_id}`."""
    layout: Mapped[dict[str, Any] | None]
    """How a directory is laid out (`connectors.ldap.layout`)."""
    credential: Mapped[bytes | None]
    """The password of our account there, encrypted in the context `connector-credential:{syndic_id}`."""


class LegacyAccount(Keyed, OfSyndic, Base):
    """A numbered account. States: active -> pending -> linked -> disable_requested -> disabled; closed is the end."""

    __tablename__ = "legacy_accounts"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("identifier <> '' AND identifier NOT LIKE '%@%'", name="identifier"),
        CheckConstraint("(secret_hash IS NULL) = (secret_scheme IS NULL)", name="scheme_goes_with_hash"),
        Index(
            "uq_legacy_accounts_identifier",
            "syndic_id",
            "identifier",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_legacy_accounts_disabled", "syndic_id", postgresql_where=text("state = 'disabled'")),
        Index("ix_legacy_accounts_closed", "syndic_id", "identifier", postgresql_where=text("state = 'closed'")),
        Index(
            "ix_legacy_accounts_to_remind",
            "syndic_id",
            text("lower(email)"),
            postgresql_where=text("state = 'active' AND email IS NOT NULL"),
        ),
        Index(
            "ix_legacy_accounts_buried",
            "syndic_id",
            "disabled_at",
            postgresql_where=text("tombstone IS NOT NULL AND disabled_at IS NOT NULL"),
        ),
    )

    public_id: Mapped[str] = mapped_column(unique=True, default=secrets.token)
    """The `id` of the `account` claim: random, never changes."""
    identifier: Mapped[str]
    """Canonical: see `service.canonical_identifier`."""
    holder: Mapped[str]
    label: Mapped[str]
    email: Mapped[str | None]
    secret_scheme: Mapped[str | None]
    secret_hash: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="active")
    epoch: Mapped[int] = mapped_column(default=0)
    sub: Mapped[str] = mapped_column(default=secrets.token)
    """The subject of this account's legacy sign-ins; the first link inherits it."""
    tombstone: Mapped[str | None]
    """Argon2id (peppered) of the secret, captured at a legacy sign-in: lets a retired identifier's holder be told."""
    retired_tombstones: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    """Those of secrets that were re-issued, all with the same salt and cost: none of them ever works again."""
    retired_hashes: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    """SHA-256 (hexadecimal) of `scheme:hash` of erased hashes: an export that still holds one brings no new secret."""
    disable_key: Mapped[str | None]
    reissue_key: Mapped[str | None]
    """Of the new secret that was asked for and is not there yet."""
    receipt: Mapped[dict[str, Any] | None]
    disabled_at: Mapped[datetime | None]
    probed_at: Mapped[datetime | None]
    """When its source was last asked what became of a disabled account."""
    returned_at: Mapped[datetime | None]
    """When its source was last found to let a disabled account in again."""
    returns: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often that happened to the present secret."""
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None]
    imported_at: Mapped[datetime]


LIVING = LegacyAccount.state != literal_column("'closed'")
"""The condition of the unique index, to the letter: with a bound value PostgreSQL would not recognise it."""


class SecondCode(Keyed, OfSyndic, Base):
    """A further printed code of an account, for one more holder (JOURNEYS C8). Made and verified here alone.

    `retired` by the association that it led to, `revoked` by an operator or a contest.
    """

    __tablename__ = "second_codes"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"state IN {SECOND_CODE_STATES}", name="state"),
        Index("ix_second_codes_unused", "expires_at", postgresql_where=text("state <> 'retired'")),
    )

    public_id: Mapped[str] = mapped_column(unique=True, default=secrets.token)
    """By which operators name it."""
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("legacy_accounts.id"), index=True)
    code_mac: Mapped[bytes] = mapped_column(unique=True)
    holder: Mapped[str]
    """For whom it was made, as the syndic says; may be empty."""
    sub: Mapped[str] = mapped_column(unique=True, default=secrets.token)
    """The subject of its sign-ins, inherited by the link that it leads to: another person than the account's first."""
    state: Mapped[str] = mapped_column(default="active")
    spared_session_id: Mapped[uuid.UUID | None]
    """The sign-in that outlives the code: whoever was inside when it became a link stays to the end of the day."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
