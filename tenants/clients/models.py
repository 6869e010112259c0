"""What the database guarantees of clients and signing keys. Metadata names are those of RFC 7591 §2."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

ALGORITHMS = ("RS256", "ES256")


class Client(Keyed, OfSyndic, Base):
    """A relying party of one syndic: usually its extranet."""

    __tablename__ = "clients"
    __scope__ = Scope.SYNDIC
    __table_args__ = (CheckConstraint("status IN ('active', 'suspended')", name="status"),)

    client_id: Mapped[str] = mapped_column(unique=True)
    secret_digest: Mapped[bytes | None]
    client_name: Mapped[str]
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    initiate_login_uri: Mapped[str | None]
    backchannel_logout_uri: Mapped[str | None]
    frontchannel_logout_uri: Mapped[str | None]
    grant_types: Mapped[list[str]]
    token_endpoint_auth_method: Mapped[str]
    jwks: Mapped[dict[str, Any] | None]
    jwks_uri: Mapped[str | None]
    id_token_signed_response_alg: Mapped[str]
    require_pkce: Mapped[bool]
    require_pushed_authorization_requests: Mapped[bool]
    dpop_bound_access_tokens: Mapped[bool]
    scope: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]


class SigningKey(Keyed, OfSyndic, Base):
    """A key that signs this syndic's tokens from one instant on, until the next one of its algorithm does.

    The private half is encrypted, and erased once another key signs; the public half stays for hints.
    """

    __tablename__ = "signing_keys"
    __scope__ = Scope.SYNDIC
    __table_args__ = (CheckConstraint(f"alg IN {ALGORITHMS}", name="alg"),)

    kid: Mapped[str] = mapped_column(unique=True)
    alg: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    private_key: Mapped[bytes | None]
    """PKCS#8 DER, encrypted in the context `signing-key:{kid}`."""
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
