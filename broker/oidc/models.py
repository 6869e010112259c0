"""What the database guarantees of grants, with the codes and refresh tokens that redeem them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Scope


class Grant(Base):
    """What one client was allowed to know of one account, by one sign-in. Lives as long as its tokens.

    The authorization code that redeems it and the family of its refresh tokens are part of it: one row is written
    where a code is issued, and one row decides who redeems or refreshes (docs/decisions/0011).

    Written at every sign-in, so it has no index but its key and the one by which expired ones are found, and no foreign
    key: each would lock and check a row again that the very statement has read. A grant whose session, account or link
    were gone would stand for nothing.
    """

    __tablename__ = "grants"
    __scope__ = Scope.SYNDIC

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Half of the code's digest: random, since access tokens carry it."""

    syndic_id: Mapped[uuid.UUID]
    client_id: Mapped[uuid.UUID]
    session_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    link_id: Mapped[uuid.UUID | None]
    identity_id: Mapped[uuid.UUID | None]
    identity_epoch: Mapped[int | None]
    origin_id: Mapped[uuid.UUID | None]
    """The syndic where the sign-in took place that this grant rests on; null: the portal."""
    sub: Mapped[str]
    sid: Mapped[str]
    scope: Mapped[str]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    auth_time: Mapped[datetime]
    claims: Mapped[dict[str, Any] | None]
    """The names of the claims that the `claims` parameter asks for, by member (OIDC Core §5.5)."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    code_digest: Mapped[bytes]
    """The single-use code (60 s). Kept, so that a second use takes back what the first gave (RFC 6749 §4.1.2)."""
    code_expires_at: Mapped[datetime]
    code_used_at: Mapped[datetime | None]
    redirect_uri: Mapped[str]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str | None]
    dpop_jkt: Mapped[str | None]
    """The thumbprint of the only key that may redeem the code (RFC 9449 §10)."""

    refreshed_generation: Mapped[int] = mapped_column(server_default="0")
    """The newest generation of refresh tokens that was used: an older one that comes back is a stolen one."""
    refreshed_at: Mapped[datetime | None]


class UsedProof(Base):
    """What may be shown once (a client assertion, a DPoP proof), or no more (a revoked token): until it expires."""

    __tablename__ = "used_proofs"
    __scope__ = Scope.GLOBAL

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
