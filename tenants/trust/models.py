"""What the database guarantees of agreements, circles and denials."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

PURPOSES = ("link", "switch", "list")


class Circle(Keyed, Base):
    """A named network of syndics with a charter. `purposes` is what membership grants every pair of members."""

    __tablename__ = "trust_circles"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint("admission IN ('operator', 'each-member')", name="admission"),)

    name: Mapped[str] = mapped_column(unique=True)
    charter: Mapped[str]
    """Reference of the charter's document."""
    admission: Mapped[str]
    purposes: Mapped[list[str]]
    created_at: Mapped[datetime]


class Member(Keyed, Base):
    """A syndic's membership of a circle, from a date (included) until a date (excluded; none: open)."""

    __tablename__ = "trust_members"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("circle_id", "syndic_id", "valid_from"),)

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trust_circles.id"), index=True)
    syndic_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class Agreement(Keyed, Base):
    """What two syndics agreed: one proposes, the other accepts; nothing holds before both have acted.

    `forward` are the purposes for which `accepter` opens itself to what comes from `proposer`, `backward` the
    other way round; `link` is symmetric and must stand in both or in neither.
    """

    __tablename__ = "trust_agreements"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint("proposer_id <> accepter_id", name="two_sides"),
        CheckConstraint("('link' = ANY(forward)) = ('link' = ANY(backward))", name="link_is_symmetric"),
    )

    proposer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    accepter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    forward: Mapped[list[str]]
    backward: Mapped[list[str]]
    document: Mapped[str]
    """Reference of the signed document."""
    proposed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class Denial(Keyed, Base):
    """One side's refusal of the other: it wins over every agreement and circle, at once, both ways."""

    __tablename__ = "trust_denials"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint("denier_id <> denied_id", name="two_sides"),)

    denier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    denied_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    denied_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
