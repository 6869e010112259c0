"""What the database guarantees of agreements, circles and denials."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

PURPOSES = ("link", "switch", "list")


class Version(Base):
    """What a process compares its picture of the registry with: one row, which triggers change.

    Every transaction that writes circles, members, agreements, denials or a syndic's status puts its own number
    there, by whatever way it writes (docs/decisions/0027-the-registry-in-memory.md).
    """

    __tablename__ = "trust_version"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint("single", name="one_row"),)
    __privileges__ = ("SELECT", "UPDATE")

    single: Mapped[bool] = mapped_column(primary_key=True)
    version: Mapped[int]


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


class JoinRequest(Keyed, Base):
    """A syndic's own wish to become a member: its side of an admission. Settled: admitted, or withdrawn."""

    __tablename__ = "trust_requests"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        Index(
            "ix_trust_requests_open", "circle_id", "syndic_id", unique=True, postgresql_where=text("settled_at IS NULL")
        ),
    )

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trust_circles.id"), index=True)
    syndic_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Telling(Keyed, Base):
    """One mail to all members of a circle, about everybody admitted since the one before."""

    __tablename__ = "trust_tellings"
    __scope__ = Scope.GLOBAL

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trust_circles.id"), index=True)
    told_at: Mapped[datetime]


class Untold(Keyed, Base):
    """A member whom that mail could not be sent to: somebody must tell it otherwise."""

    __tablename__ = "trust_untold"
    __scope__ = Scope.GLOBAL
    __table_args__ = (CheckConstraint("reason IN ('no_address', 'mail_cap')", name="reason"),)

    telling_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trust_tellings.id"), index=True)
    syndic_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    reason: Mapped[str]


class Member(Keyed, Base):
    """A syndic's membership of a circle, from a date (included) until a date (excluded; none: open)."""

    __tablename__ = "trust_members"
    __scope__ = Scope.GLOBAL
    __table_args__ = (Index(None, "circle_id", "syndic_id"),)

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trust_circles.id"), index=True)
    syndic_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    to_tell: Mapped[bool] = mapped_column(default=False)
    """Whether the other members are still to be told of this admission."""
    telling_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trust_tellings.id"), index=True)
    """By which they were told."""


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
    """One side's refusal of the other: it wins over every agreement and circle, at once, both ways.

    With a circle and a reason it is an objection to the other's admission to that circle.
    """

    __tablename__ = "trust_denials"
    __scope__ = Scope.GLOBAL
    __table_args__ = (
        CheckConstraint("denier_id <> denied_id", name="two_sides"),
        CheckConstraint("(circle_id IS NULL) = (reason IS NULL)", name="objection"),
    )

    denier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    denied_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("syndics.id"), index=True)
    denied_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    circle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trust_circles.id"), index=True)
    reason: Mapped[str | None]
