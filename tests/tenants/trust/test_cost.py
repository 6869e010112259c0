"""Promises about the number of queries: the registry is asked at every use of a session, code or token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from config.database import db
from tenants.trust import service
from tests.tenants.conftest import new_syndic
from tests.tenants.trust.conftest import Three


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent while it lasts."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_decision_is_one_query(syndics: Three) -> None:
    with counted() as sent:
        service.decide(syndics.a, syndics.b, "switch")
    assert len(sent) == 1, "decide must be one statement"


def test_whether_one_may_link_is_a_lock_and_a_query_however_many_syndics_there_are(syndics: Three) -> None:
    held = [new_syndic(f"agence-{number}") for number in range(12)]
    with counted() as sent:
        assert not service.may_link(syndics.a, held).allowed
    assert len(sent) == 2, "may_link must be one statement behind its lock"
