"""What the database guarantees of clients and signing keys. Metadata names are those of RFC 7591 §2."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope
from tenants.syndics.models import OfSyndic

ALGORITHMS = ("RS256", "ES256")
KEY_STATES = ("next", "active", "retired", "revoked")


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
    token_endpoint_auth_method: Mapped[str]
    id_token_signed_response_alg: Mapped[str]
    require_pkce: Mapped[bool]
    scope: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]


class SigningKey(Keyed, OfSyndic, Base):
    """A key that signs this syndic's tokens. The private half is encrypted; retired public halves stay for hints."""

    __tablename__ = "signing_keys"
    __scope__ = Scope.SYNDIC
    __table_args__ = (
        CheckConstraint(f"alg IN {ALGORITHMS}", name="alg"),
        CheckConstraint(f"state IN {KEY_STATES}", name="state"),
    )

    kid: Mapped[str] = mapped_column(unique=True)
    alg: Mapped[str]
    state: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    private_key: Mapped[bytes]
    """PKCS#8 DER, encrypted in the context `signing-key:{kid}`."""
    created_at: Mapped[datetime]
