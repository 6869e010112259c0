"""What the database guarantees of the ledger: the application may add and read, never change or remove."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Keyed, Scope

PLATFORM = uuid.UUID(int=0)
"""The chain of events that are no syndic's."""


class LedgerEntry(Keyed, Base):
    """One event of a chain. Personal values stand in the body as salted hashes only."""

    __tablename__ = "ledger"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("chain", "sequence"),)
    __privileges__ = ("SELECT", "INSERT")

    chain: Mapped[uuid.UUID]
    """The syndic's id, or `PLATFORM`."""
    sequence: Mapped[int]
    recorded_at: Mapped[datetime]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerSalt(Keyed, Base):
    """The salt of one personal value of an entry: erased, the value is unlinkable and the chain still whole."""

    __tablename__ = "ledger_salts"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("chain", "sequence", "field"),)
    __privileges__ = ("SELECT", "INSERT", "DELETE")

    chain: Mapped[uuid.UUID]
    sequence: Mapped[int]
    field: Mapped[str]
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class LedgerSubject(Keyed, Base):
    """Whose an entry is: an identity's, or an attempt's before there is an identity.

    It stands beside the chain, not in it: a person's id in two syndics' chains would tell them that they share an
    owner, and erased, the entry is nobody's any more.
    """

    __tablename__ = "ledger_subjects"
    __scope__ = Scope.GLOBAL
    __table_args__ = (UniqueConstraint("subject", "chain", "sequence"),)
    __privileges__ = ("SELECT", "INSERT", "DELETE")

    subject: Mapped[uuid.UUID]
    chain: Mapped[uuid.UUID]
    sequence: Mapped[int]
