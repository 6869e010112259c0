"""What the database guarantees of the terms and of their acceptance."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
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
    material: Mapped[bool] = mapped_column(server_default="false")
    """Whether people are asked to accept it anew: the same for all texts of one version."""


class TermsAcceptance(Keyed, Base):
    """That an attempt, or later a person, accepted one text: kept with the digest of what was shown.

    Nobody changes it afterwards. What a confirmed attempt accepted counts for the identity that it made or joined:
    the link names both.
    """

    __tablename__ = "terms_acceptances"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint("(association_id IS NULL) <> (identity_id IS NULL)", name="one_who_accepts"),
        Index(
            "uq_terms_acceptances_person",
            "identity_id",
            "terms_version_id",
            unique=True,
            postgresql_where=text("identity_id IS NOT NULL"),
        ),
    )
    __privileges__ = ("SELECT", "INSERT", "DELETE")
    """A person's own acceptances go with the person; the ledger keeps that there were some."""

    association_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    identity_id: Mapped[uuid.UUID | None]
    terms_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("terms_versions.id"))
    sha256: Mapped[str]
    network: Mapped[str]
    """The address of the caller, truncated to its network (CNIL)."""
    accepted_at: Mapped[datetime]
