"""What the database guarantees of the keys that sign proof files."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope


class EvidenceKey(Keyed, Base):
    """A key that signs proof files until the next one is made. Nobody can remove it: old files must verify."""

    __tablename__ = "evidence_keys"
    __scope__ = Scope.GLOBAL
    __privileges__ = ("SELECT", "INSERT", "UPDATE")

    kid: Mapped[str] = mapped_column(unique=True)
    """Its thumbprint (RFC 7638), which the platform's chain names."""
    public_jwk: Mapped[dict[str, Any]]
    private_key: Mapped[bytes | None]
    """PKCS#8 DER, encrypted in the context `evidence-key:{kid}`; null once another key signs."""
    ledger_sequence: Mapped[int]
    """The entry of the platform's chain that names it."""
    created_at: Mapped[datetime]
