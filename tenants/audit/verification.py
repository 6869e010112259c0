"""Verify the ledger as it stands in the database: a stream where it is whole, a close look where it is not."""

import json
import uuid
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Row, Text, cast, func, select

from config.database import session
from tenants.audit.entries import GENESIS, TIME_SQL, Head, entry_hash
from tenants.audit.inspection import Fault, Seen, inspect
from tenants.audit.models import LedgerEntry

BATCH = 1000
BEFORE_THE_FIRST = Seen(0, b"", GENESIS, GENESIS)


def verify(chain: uuid.UUID | None = None, anchored: Iterable[Head] = ()) -> list[Fault]:
    """Every fault of one chain, or of all. Empty: the ledger is whole.

    Memory holds one batch, and the entries of one chain at a time where a chain is not whole. Entries cut off
    at the end, and a chain rewritten from some entry to its end, show only against `anchored` heads.
    """
    chains = groupby(_stream(chain), key=lambda pair: pair[0])
    broken = [each for each, entries in chains if not _is_whole(entry for _, entry in entries)]
    faults = [fault for each in broken for fault in inspect(each, [entry for _, entry in _stream(each)])]
    known = {(fault.chain, fault.sequence) for fault in faults}
    late = [_against(head) for head in anchored if chain in (None, head.chain)]
    return faults + [fault for fault in late if fault and (fault.chain, fault.sequence) not in known]


def _is_whole(entries: Iterator[Seen]) -> bool:
    """Whether sequences have no gap, contents have their hashes, and each entry names the hash before it."""
    followers = pairwise(_after_the_beginning(entries))
    return all(
        entry.sequence == before.sequence + 1 and entry.hash == entry.computed and entry.previous == before.hash
        for before, entry in followers
    )


def _after_the_beginning(entries: Iterator[Seen]) -> Iterator[Seen]:
    yield BEFORE_THE_FIRST
    yield from entries


def _stream(chain: uuid.UUID | None) -> Iterator[tuple[uuid.UUID, Seen]]:
    """Entries by chain and sequence. Time and body come as text: what cannot be read must be found, not fall over."""
    rows = select(
        LedgerEntry.chain,
        LedgerEntry.sequence,
        func.to_char(func.timezone("UTC", LedgerEntry.recorded_at), TIME_SQL).label("time"),
        LedgerEntry.kind,
        cast(LedgerEntry.body, Text).label("body"),
        LedgerEntry.previous,
        LedgerEntry.hash,
    ).order_by(LedgerEntry.chain, LedgerEntry.sequence)
    if chain is not None:
        rows = rows.where(LedgerEntry.chain == chain)
    for row in session().execute(rows.execution_options(yield_per=BATCH)):
        yield row.chain, Seen(row.sequence, row.previous, row.hash, _computed(row))


def _computed(row: Row[Any]) -> bytes:
    """The hash of what stands there now; empty where nobody of ours could have written it."""
    try:
        body = json.loads(row.body)
        return entry_hash(row.chain, row.sequence, time=row.time, kind=row.kind, body=body, previous=row.previous)
    except (ValueError, RecursionError):
        return b""


def _against(head: Head) -> Fault | None:
    """What an anchored head says of the entry that stands, or should stand, in its place."""
    place = (LedgerEntry.chain == head.chain) & (LedgerEntry.sequence == head.sequence)
    found = session().scalar(select(LedgerEntry.hash).where(place))
    if found is None:
        return Fault(head.chain, head.sequence, "missing", "an anchored head names it")
    if found.hex() != head.hash:
        return Fault(head.chain, head.sequence, "changed", "an anchored head has another hash")
    return None
