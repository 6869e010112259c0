"""Promises of `verify` against the owner of the tables, who can rewrite anything."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, text, update

from config.database import new_id
from tenants.audit import service
from tenants.audit.entries import entry_hash, moment
from tenants.audit.models import LedgerEntry
from tests.tenants.audit.conftest import forget

LENGTH = 7
Write = Callable[[int], uuid.UUID]
row = st.integers(1, LENGTH)


def flip(raw: bytes) -> bytes:
    return bytes([raw[0] ^ 1]) + raw[1:]


CHANGES: dict[str, Callable[[Any], Any]] = {
    "kind": lambda kind: kind + "!",
    "body": lambda body: body | {"number": float(body["number"])},
    "recorded_at": lambda time: time + timedelta(microseconds=1),
    "previous": flip,
    "hash": flip,
}


def at(connection: Connection, chain: uuid.UUID, sequence: int) -> LedgerEntry:
    place = (LedgerEntry.chain == chain) & (LedgerEntry.sequence == sequence)
    return connection.execute(select(LedgerEntry).where(place)).one()  # type: ignore[return-value]  # a row of its columns


def put(connection: Connection, row: Any, **columns: Any) -> None:
    connection.execute(update(LedgerEntry).where(LedgerEntry.id == row.id).values(**columns))


def faults(application: Flask, chain: uuid.UUID, anchored: list[service.Head] | None = None) -> list[tuple[int, str]]:
    with application.app_context():
        return [(fault.sequence, fault.wrong) for fault in service.verify(chain, anchored or [])]


def anchors(application: Flask) -> list[service.Head]:
    with application.app_context():
        return service.heads()


def shift(connection: Connection, chain: uuid.UUID, start: int, by: int) -> None:
    """Renumber from `start` on, in two steps: sequences are unique at every instant."""
    for step, least in ((10_000, start), (by - 10_000, 10_000)):
        statement = "UPDATE ledger SET sequence = sequence + :step WHERE chain = :chain AND sequence >= :least"
        connection.execute(text(statement), {"step": step, "chain": chain, "least": least})


@given(row, st.sampled_from(sorted(CHANGES)))
def test_a_changed_column_is_found_and_its_entry_named(
    application: Flask, owner: Engine, written: Write, sequence: int, column: str
) -> None:
    chain = written(LENGTH)
    with owner.begin() as connection:
        entry = at(connection, chain, sequence)
        put(connection, entry, **{column: CHANGES[column](getattr(entry, column))})
    assert faults(application, chain) == [(sequence, "changed")], f"a changed {column} must be named, and only that"
    forget(owner, chain)


@given(row)
def test_an_entry_given_another_sequence_is_found_and_named(
    application: Flask, owner: Engine, written: Write, sequence: int
) -> None:
    chain = written(LENGTH)
    with owner.begin() as connection:
        put(connection, at(connection, chain, sequence), sequence=LENGTH + 5)
    assert (LENGTH + 5, "reordered") in faults(application, chain), "an entry out of its place must be named"
    forget(owner, chain)


@given(row)
def test_an_entry_moved_to_another_chain_is_found_in_both(
    application: Flask, owner: Engine, written: Write, sequence: int
) -> None:
    chain, other = written(LENGTH), uuid.uuid4()
    anchored = anchors(application)
    with owner.begin() as connection:
        put(connection, at(connection, chain, sequence), chain=other)
    assert (sequence, "changed") in faults(application, other), "a hash must hold in one chain only"
    assert (sequence, "missing") in faults(application, chain, anchored), "where it was, it must be missed"
    forget(owner, chain, other)


@given(st.sets(row, min_size=1))
def test_removed_entries_are_missed_and_the_gap_named(
    application: Flask, owner: Engine, written: Write, removed: set[int]
) -> None:
    chain = written(LENGTH)
    anchored = anchors(application)
    with owner.begin() as connection:
        statement = text("DELETE FROM ledger WHERE chain = :chain AND sequence = ANY(:removed)")
        connection.execute(statement, {"chain": chain, "removed": list(removed)})
    last_left = max(set(range(1, LENGTH + 1)) - removed, default=0)
    gaps = {each for each in removed if each - 1 not in removed and each < last_left}
    end = {LENGTH} if LENGTH in removed else set()
    expected = sorted((each, "missing") for each in gaps | end)
    assert faults(application, chain, anchored) == expected, "every gap, and an end cut off, must be named"
    forget(owner, chain)


@given(st.integers(1, LENGTH - 1))
def test_a_removal_whose_gap_is_closed_by_renumbering_is_found_where_it_was(
    application: Flask, owner: Engine, written: Write, sequence: int
) -> None:
    chain = written(LENGTH)
    with owner.begin() as connection:
        statement = text("DELETE FROM ledger WHERE chain = :chain AND sequence = :sequence")
        connection.execute(statement, {"chain": chain, "sequence": sequence})
        shift(connection, chain, sequence + 1, -1)
    found = faults(application, chain)
    assert found[:1] == [(sequence, "changed")], "the first entry that took another's place must be named"
    forget(owner, chain)


def forged(after: Any, chain: uuid.UUID, sequence: int, previous: bytes) -> dict[str, Any]:
    """An entry that is perfect in itself."""
    body: dict[str, Any] = {"number": 99}
    digest = entry_hash(
        chain, sequence, time=moment(after.recorded_at), kind="test.forged", body=body, previous=previous
    )
    known = {"chain": chain, "sequence": sequence, "recorded_at": after.recorded_at, "kind": "test.forged"}
    return known | {"id": new_id(), "body": body, "previous": previous, "hash": digest}


@given(row, st.booleans())
def test_an_inserted_entry_is_found_and_named(
    application: Flask, owner: Engine, written: Write, sequence: int, linked: bool
) -> None:
    chain = written(LENGTH)
    with owner.begin() as connection:
        pushed = at(connection, chain, sequence)
        shift(connection, chain, sequence, 1)
        previous = pushed.previous if linked else bytes(31) + b"x"
        connection.execute(LedgerEntry.__table__.insert().values(forged(pushed, chain, sequence, previous)))  # type: ignore[attr-defined]  # SQLAlchemy types a table wider
    found = faults(application, chain)
    if sequence == LENGTH and linked:  # two perfect ends: nothing tells which was first but the number
        assert found == [(LENGTH + 1, "changed")], "one of two entries that claim the end must be named"
    else:
        assert (sequence, "added") in found, "an entry that no entry leads to must be named"
    forget(owner, chain)


@given(st.sets(row, min_size=2, max_size=2))
def test_two_entries_that_changed_places_are_both_named(
    application: Flask, owner: Engine, written: Write, places: set[int]
) -> None:
    chain, (one, other) = written(LENGTH), sorted(places)
    with owner.begin() as connection:
        first, second = at(connection, chain, one), at(connection, chain, other)
        put(connection, first, sequence=10_000)
        put(connection, second, sequence=one)
        put(connection, first, sequence=other)
    expected = [(one, "reordered"), (other, "reordered")]
    assert faults(application, chain) == expected, "both entries, and no others, must be named"
    forget(owner, chain)


def rewrite(connection: Connection, chain: uuid.UUID, start: int, end: int) -> None:
    """Replace the bodies from `start` to `end`, with hashes and links that fit."""
    previous = at(connection, chain, start).previous
    for sequence in range(start, end + 1):
        entry = at(connection, chain, sequence)
        fresh = forged(entry, chain, sequence, previous)
        put(connection, entry, kind=fresh["kind"], body=fresh["body"], previous=previous, hash=fresh["hash"])
        previous = fresh["hash"]


@given(row, row)
def test_entries_rewritten_with_fitting_hashes_break_the_link_after_them_or_the_anchor(
    application: Flask, owner: Engine, written: Write, one: int, other: int
) -> None:
    chain, (start, end) = written(LENGTH), sorted((one, other))
    anchored = anchors(application)
    with owner.begin() as connection:
        rewrite(connection, chain, start, end)
    expected = [(LENGTH, "changed")] if end == LENGTH else [(end + 1, "broken link")]
    assert faults(application, chain, anchored) == expected, "a forger who can hash must still be found"
    forget(owner, chain)


@given(
    st.sampled_from(["recorded_at = 'infinity'", "body = '1e999'", "body = 'null'", "previous = ''", "hash = ''"]), row
)
def test_values_that_nobody_could_have_written_are_named_and_stop_nothing(
    application: Flask, owner: Engine, written: Write, change: str, sequence: int
) -> None:
    chain = written(LENGTH)
    with owner.begin() as connection:
        statement = text(f"UPDATE ledger SET {change} WHERE chain = :chain AND sequence = :sequence")  # noqa: S608 - a constant of ours
        connection.execute(statement, {"chain": chain, "sequence": sequence})
    assert faults(application, chain) == [(sequence, "changed")], "the entry must be named, not fall over"
    forget(owner, chain)


def test_a_fault_of_one_chain_is_not_held_against_another(application: Flask, owner: Engine, written: Write) -> None:
    chain, other = written(LENGTH), written(LENGTH)
    with owner.begin() as connection:
        put(connection, at(connection, chain, 3), kind="forged")
    with application.app_context():
        named = [(fault.chain, fault.sequence) for fault in service.verify()]
    assert (chain, 3) in named, "verifying everything must name the chain that is at fault"
    assert other not in {each for each, _ in named}, "a whole chain must stay unnamed"
    forget(owner, chain, other)
