"""The ledger: append to it, verify it, name its heads, and forget personal values."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from config import clock
from config.database import new_id, session
from config.secrets import random_bytes
from tenants.audit.canonical import Json, NotCanonical
from tenants.audit.entries import GENESIS, Head, entry_hash, moment, salted_hash
from tenants.audit.inspection import Fault
from tenants.audit.models import LedgerEntry, LedgerSalt, LedgerSubject
from tenants.audit.verification import verify

__all__ = ["Fault", "Head", "append", "append_each", "append_to", "erase", "head", "heads", "verify"]

SALT_BYTES = 16


def append(
    chain: uuid.UUID,
    kind: str,
    body: Mapping[str, Json],
    personal: Mapping[str, str] | None = None,
    subject: uuid.UUID | None = None,
) -> int:
    """Add an event to a chain in the caller's transaction, and return its sequence (from 1, without gap).

    The chain is held until that transaction ends: whoever writes several chains does so through `append_to`,
    so that two writers never wait for one another. `personal` values are kept as salted hashes only, below
    `personal` in the body. `subject` says whose entry it is, an identity's or an attempt's: the person finds it
    in the own proof file (`subjects.entries_of`).

    Raises:
        NotCanonical: the body holds a fraction, another type than JSON's, or `personal` already.
    """
    _hold(chain)
    sequence, previous = _end_of(chain)
    salts = {field: random_bytes(SALT_BYTES) for field in personal or {}}
    full = dict(body) | _concealed(body, personal or {}, salts)
    time = clock.now()
    digest = entry_hash(chain, sequence, time=moment(time), kind=kind, body=full, previous=previous)
    entry = {"chain": chain, "sequence": sequence, "recorded_at": time, "kind": kind, "body": full}
    session().execute(insert(LedgerEntry).values(id=new_id(), previous=previous, hash=digest, **entry))
    for field, salt in salts.items():
        row = {"id": new_id(), "chain": chain, "sequence": sequence, "field": field, "salt": salt}
        session().execute(insert(LedgerSalt).values(**row))
    if subject is not None:
        whose = {"id": new_id(), "subject": subject, "chain": chain, "sequence": sequence}
        session().execute(insert(LedgerSubject).values(**whose))
    return sequence


def append_to(
    chains: Iterable[uuid.UUID], kind: str, body: Mapping[str, Json], personal: Mapping[str, str] | None = None
) -> None:
    """Add the same event to several chains, the platform's first and always in the same order.

    Raises:
        NotCanonical: as `append`.
    """
    for chain in sorted(set(chains)):
        append(chain, kind, body, personal)


def append_each(kind: str, bodies: Mapping[uuid.UUID, Mapping[str, Json]]) -> None:
    """Add an event to many chains, with a body for each, by a few statements; in the same order as `append_to`.

    Raises:
        NotCanonical: as `append`.
    """
    chains, time = sorted(bodies), clock.now()
    keys = cast([_lock_key(chain) for chain in chains], ARRAY(BigInteger))
    session().execute(select(func.pg_advisory_xact_lock(func.unnest(keys))))
    ends = _ends_of(chains)
    rows = []
    for chain in chains:
        sequence, previous = ends.get(chain, (1, GENESIS))
        body = dict(bodies[chain])
        digest = entry_hash(chain, sequence, time=moment(time), kind=kind, body=body, previous=previous)
        entry = {"chain": chain, "sequence": sequence, "recorded_at": time, "kind": kind, "body": body}
        rows.append({"id": new_id(), "previous": previous, "hash": digest, **entry})
    if rows:
        session().execute(insert(LedgerEntry), rows)


def head(chain: uuid.UUID) -> Head:
    """The last entry of a chain; sequence 0 and the genesis where it has none."""
    sequence, digest = _end_of(chain)
    return Head(chain, sequence - 1, digest.hex())


def heads() -> list[Head]:
    """The last entry of every chain."""
    newest = select(LedgerEntry.chain, LedgerEntry.sequence, LedgerEntry.hash).ext(distinct_on(LedgerEntry.chain))
    rows = session().execute(newest.order_by(LedgerEntry.chain, LedgerEntry.sequence.desc()))
    return [Head(chain, sequence, digest.hex()) for chain, sequence, digest in rows]


def erase(chain: uuid.UUID, sequence: int) -> None:
    """Forget the salts of an entry: its personal values can be tied to nobody any more, and the chain stays whole."""
    session().execute(delete(LedgerSalt).where(LedgerSalt.chain == chain, LedgerSalt.sequence == sequence))


def _hold(chain: uuid.UUID) -> None:
    """Let nobody else append to the chain until this transaction ends: a sequence given back would be a gap."""
    session().execute(select(func.pg_advisory_xact_lock(_lock_key(chain))))


def _lock_key(chain: uuid.UUID) -> int:
    return int.from_bytes(hashlib.sha256(b"ledger" + chain.bytes).digest()[:8], signed=True)


def _end_of(chain: uuid.UUID) -> tuple[int, bytes]:
    """The next sequence and the hash it follows: a statement of its own, whose snapshot is taken under the lock."""
    newest = select(LedgerEntry.sequence, LedgerEntry.hash).where(LedgerEntry.chain == chain)
    row = session().execute(newest.order_by(LedgerEntry.sequence.desc()).limit(1)).first()
    return (row.sequence + 1, row.hash) if row else (1, GENESIS)


def _ends_of(chains: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, bytes]]:
    """The same of several chains, of those that have an entry."""
    newest = select(LedgerEntry.chain, LedgerEntry.sequence, LedgerEntry.hash).ext(distinct_on(LedgerEntry.chain))
    mine = newest.where(LedgerEntry.chain == any_(cast(list(chains), ARRAY(Uuid))))
    rows = session().execute(mine.order_by(LedgerEntry.chain, LedgerEntry.sequence.desc()))
    return {row.chain: (row.sequence + 1, row.hash) for row in rows}


def _concealed(body: Mapping[str, Json], personal: Mapping[str, str], salts: Mapping[str, bytes]) -> dict[str, Json]:
    if "personal" in body:
        raise NotCanonical("$.personal is made from the personal values: give them as such")
    hashes: dict[str, Json] = {field: {"sha256": salted_hash(salts[field], value)} for field, value in personal.items()}
    return {"personal": hashes} if hashes else {}
