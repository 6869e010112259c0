"""What the database guarantees of the terms and of their acceptance."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope


class TermsVersion(Keyed, Base):
    """One published text. `syndic_id` null: the platform's. `sha256` is of the text as shown (UTF-8)."""

    __tablename__ = "terms_versions"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        Index(
            "uq_terms_versions",
            text("coalesce(syndic_id, '00000000-0000-0000-0000-000000000000')"),
            "version",
            "locale",
            unique=True,
        ),
    )
    __privileges__ = ("SELECT", "INSERT")

    syndic_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("syndics.id"))
    version: Mapped[str]
    locale: Mapped[str]
    text: Mapped[str]
    """Restricted Markdown: headings, paragraphs, lists, emphasis."""
    sha256: Mapped[str]
    published_at: Mapped[datetime]


class TermsAcceptance(Keyed, Base):
    """That one attempt accepted one text: kept with the digest of what was shown. Nobody changes it afterwards."""

    __tablename__ = "terms_acceptances"
    __scope__ = Scope.GLOBAL
    __privileges__ = ("SELECT", "INSERT")

    association_id: Mapped[uuid.UUID] = mapped_column(index=True)
    terms_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("terms_versions.id"))
    sha256: Mapped[str]
    network: Mapped[str]
    """The address of the caller, truncated to its network (CNIL)."""
    accepted_at: Mapped[datetime]
