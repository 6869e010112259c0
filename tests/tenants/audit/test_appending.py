"""Promises of `append`, `heads` and `erase`, on a real database."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.exc import ProgrammingError

from config.database import session, transaction
from tenants.audit import service
from tenants.audit.canonical import NotCanonical
from tenants.audit.models import LedgerEntry, LedgerSalt
from tests.tenants.audit.conftest import forget

WRITERS, EACH = 8, 10


def sequences(chain: uuid.UUID) -> list[int]:
    return list(
        session().scalars(select(LedgerEntry.sequence).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence))
    )


def test_writers_at_the_same_time_leave_one_chain_without_gap(application: Flask, chain: uuid.UUID) -> None:
    def write(writer: int) -> None:
        for number in range(EACH):
            with application.app_context(), transaction():
                service.append(chain, "test.crowd", {"writer": writer, "number": number})

    with ThreadPoolExecutor(WRITERS) as crowd:
        list(crowd.map(write, range(WRITERS)))
    assert sequences(chain) == list(range(1, WRITERS * EACH + 1)), "concurrent appends must leave neither gap nor pair"
    assert service.verify(chain) == [], "a chain written by many at once must verify"


@pytest.fixture
def chains(application: Flask, owner: Engine) -> Iterator[list[uuid.UUID]]:
    with application.app_context():
        fresh = [uuid.uuid4() for _ in range(3)]
        yield fresh
        forget(owner, *fresh)


def test_writers_of_several_chains_never_block_each_other_for_good(application: Flask, chains: list[uuid.UUID]) -> None:
    """Neither those who write one event nor those who write a body for each chain."""

    def write(writer: int) -> None:
        mine = chains[writer % 3 :] + chains[: writer % 3]
        for number in range(EACH):
            body = {"writer": writer, "number": number}
            with application.app_context(), transaction():
                if number % 2:
                    service.append_to(mine, "test.crowd", body)
                else:
                    service.append_each("test.crowd", {each: body | {"own": str(each)} for each in mine})

    with ThreadPoolExecutor(WRITERS) as crowd:
        list(crowd.map(write, range(WRITERS)))  # a deadlock would raise here: PostgreSQL ends one side
    for chain in chains:
        assert len(sequences(chain)) == WRITERS * EACH, "every writer's event must stand in every chain"
        assert service.verify(chain) == [], "whichever way it was written"


def test_what_is_rolled_back_leaves_no_gap(chain: uuid.UUID) -> None:
    with transaction():
        assert service.append(chain, "test.kept", {}) == 1
    assert service.append(chain, "test.dropped", {}) == 2
    session().rollback()
    with transaction():
        assert service.append(chain, "test.kept", {}) == 2, "the sequence of a rolled-back entry must be used again"
        with session().begin_nested() as savepoint:
            service.append(chain, "test.dropped", {})
            savepoint.rollback()
        assert service.append(chain, "test.kept", {}) == 3, "the same goes for a savepoint"
    assert sequences(chain) == [1, 2, 3]
    assert service.verify(chain) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET kind = 'forged'",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "ALTER TABLE ledger ADD COLUMN more text",
        "DROP TABLE ledger",
        "CREATE RULE quiet AS ON INSERT TO ledger DO INSTEAD NOTHING",
        "UPDATE ledger_salts SET salt = ''",
        "TRUNCATE ledger_salts",
    ],
)
@pytest.mark.usefixtures("app")
def test_the_application_cannot_rewrite_the_ledger(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        session().execute(text(statement))


def test_personal_values_stand_in_the_ledger_as_salted_hashes_only(chain: uuid.UUID) -> None:
    with transaction():
        service.append(chain, "test.personal", {"what": "accepted"}, {"email": "zoe@exemple.fr", "name": "Zoé"})
    body = session().scalars(select(LedgerEntry.body).where(LedgerEntry.chain == chain)).one()
    salts = dict(session().execute(select(LedgerSalt.field, LedgerSalt.salt).where(LedgerSalt.chain == chain)).all())
    assert "zoe@exemple.fr" not in str(body), "a personal value must not stand in the body"
    assert body["personal"] == {
        "email": {"sha256": hashlib.sha256(salts["email"] + b"zoe@exemple.fr").hexdigest()},
        "name": {"sha256": hashlib.sha256(salts["name"] + "Zoé".encode()).hexdigest()},
    }, "whoever holds the value and its salt must be able to prove it"
    assert {len(salt) for salt in salts.values()} == {16}, "a salt has 128 bits"


@pytest.mark.usefixtures("app")
def test_erasing_the_salts_of_an_entry_leaves_the_chain_whole(written: Callable[[int], uuid.UUID]) -> None:
    chain = written(3)
    service.erase(chain, 2)
    left = session().scalars(select(LedgerSalt.sequence).where(LedgerSalt.chain == chain)).all()
    assert sorted(left) == [1, 3], "the salts of that entry must be gone, and no others"
    assert service.verify(chain) == [], "erasure must leave the chain whole"


@pytest.mark.usefixtures("app")
def test_the_head_of_each_chain_is_its_last_entry() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    for chain in (one, other, one):
        service.append(chain, "test.head", {})
    last = session().scalars(select(LedgerEntry).where(LedgerEntry.chain == one, LedgerEntry.sequence == 2)).one()
    heads = {head.chain: head for head in service.heads()}
    assert heads[one] == service.Head(one, 2, last.hash.hex())
    assert heads[other].sequence == 1, "chains must not count together"


@pytest.mark.parametrize(
    "body", [{"amount": 1.5}, {"deep": [{"b": b"raw"}]}, {"text": "a\0b"}, {"half": "\ud800"}, {"personal": {}}]
)
def test_what_has_no_canonical_form_is_refused_before_anything_is_written(chain: uuid.UUID, body: object) -> None:
    with pytest.raises(NotCanonical, match=r"^\$"):
        service.append(chain, "test.refused", body)  # type: ignore[arg-type]  # the promise is about such callers
    assert sequences(chain) == [], "a refused entry must not be written"
    session().execute(delete(LedgerSalt).where(LedgerSalt.chain == chain))
    assert service.append(chain, "test.after", {}) == 1, "the caller's transaction must still be usable"
