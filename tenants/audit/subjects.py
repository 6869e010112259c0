"""Whose entries are whose: found for their owner, and forgotten with the salts of their personal values."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select, true, tuple_

from config.database import session
from config.planning import among
from tenants.audit.models import LedgerEntry, LedgerSalt, LedgerSubject


@dataclass(frozen=True)
class Owned:
    """An entry of somebody's, with the salts of its personal values by field."""

    entry: LedgerEntry
    salts: dict[str, bytes]


def entries_of(subjects: Collection[uuid.UUID]) -> list[Owned]:
    """The entries of these subjects, the oldest first, in two statements however many there are."""
    entry = LedgerEntry
    theirs = select(LedgerSubject.chain, LedgerSubject.sequence).where(LedgerSubject.subject.in_(subjects))
    rows = select(entry).where(tuple_(entry.chain, entry.sequence).in_(theirs))
    salts: dict[tuple[uuid.UUID, int], dict[str, bytes]] = {}
    for salt in session().scalars(select(LedgerSalt).where(tuple_(LedgerSalt.chain, LedgerSalt.sequence).in_(theirs))):
        salts.setdefault((salt.chain, salt.sequence), {})[salt.field] = bytes(salt.salt)
    found = session().scalars(rows.order_by(entry.recorded_at, entry.chain, entry.sequence))
    return [Owned(each, salts.get((each.chain, each.sequence), {})) for each in found]


def forget(subjects: Collection[uuid.UUID]) -> None:
    """Tie their entries to nobody any more: salts and owners go, the chains stay as they are and verify."""
    salt, owner = LedgerSalt, LedgerSubject
    # OFFSET 0: each entry's salts are looked up, whatever the statistics say; the two tables are not joined
    of_entry = select(salt.id).where(salt.chain == owner.chain, salt.sequence == owner.sequence).offset(0).lateral()
    theirs = select(of_entry.c.id).select_from(owner).join(of_entry, true()).where(owner.subject.in_(subjects))
    session().execute(delete(salt).where(among(salt.id, theirs)))
    session().execute(delete(owner).where(owner.subject.in_(subjects)))
