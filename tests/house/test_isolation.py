"""Every model says whose rows it holds, and no service gives one syndic another's."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from broker.models import metadata
from broker.sessions import requests
from config import secrets
from config.database import Base, Scope, session
from config.errors import NotFound
from tenants.clients.registry import registered
from tenants.legacy import second_codes
from tenants.legacy import service as legacy
from tenants.syndics import service as syndics
from tests.world import TestSyndic, World


def test_every_model_is_declared_of_a_syndic_or_global() -> None:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    assert {model.__table__.name for model in models} == set(metadata.tables)
    for model in models:
        assert "__scope__" in vars(model), f"{model.__name__} does not say whose rows it holds"
        bound = "syndic_id" in model.__table__.c and not model.__table__.c.syndic_id.nullable
        if model.__scope__ is Scope.SYNDIC:
            assert bound, f"{model.__name__} is of a syndic, but has no syndic_id that is always set"


def _account(one: TestSyndic) -> Any:
    row = legacy.find(syndics.get(one.slug).id, one.accounts[0].identifier)
    assert row is not None
    return row


def _finds(one: TestSyndic, other: TestSyndic) -> Any:
    legacy_id = _account(one).identifier + "X"
    return legacy.find(syndics.get(other.slug).id, legacy_id)


def _gets(one: TestSyndic, other: TestSyndic) -> Any:
    with pytest.raises(NotFound):
        legacy.get(syndics.get(other.slug).id, _account(one).id)


def _gets_by_public_id(one: TestSyndic, other: TestSyndic) -> Any:
    with pytest.raises(NotFound):
        legacy.by_public_id(syndics.get(other.slug).id, _account(one).public_id)


def _verifies(one: TestSyndic, other: TestSyndic) -> Any:
    account = one.accounts[0]
    return legacy.verify(syndics.get(other.slug), account.identifier, account.password)


def _finds_a_request(one: TestSyndic, other: TestSyndic) -> Any:
    mine = registered(one.slug)
    assert mine is not None
    handle = requests.keep(mine.id, next(iter(mine.clients.values())).id, {"state": "x"})
    session().flush()
    assert requests.find(mine.id, handle) is not None, "its own syndic finds the request"
    return requests.find(syndics.get(other.slug).id, handle)


def _finds_a_pushed_request(one: TestSyndic, other: TestSyndic) -> Any:
    mine = registered(one.slug)
    assert mine is not None
    client = next(iter(mine.clients.values())).id
    handle = requests.push(mine.id, client, {"state": "x"}, 90)
    session().flush()
    assert requests.find_pushed(mine.id, client, handle) is not None, "its own syndic finds what was pushed"
    return requests.find_pushed(syndics.get(other.slug).id, client, handle)


def _lets_a_request_wait(one: TestSyndic, other: TestSyndic) -> Any:
    mine = registered(one.slug)
    assert mine is not None
    handle = requests.push(mine.id, next(iter(mine.clients.values())).id, {"state": "x"}, 90)
    session().flush()
    before = requests.find(mine.id, handle)
    assert before is not None
    kept_until = before.expires_at
    requests.wait(syndics.get(other.slug).id, handle)
    session().expire_all()
    return None if before.expires_at == kept_until else before


def _answers_a_request(one: TestSyndic, other: TestSyndic) -> Any:
    mine = registered(one.slug)
    assert mine is not None
    handle = requests.keep(mine.id, next(iter(mine.clients.values())).id, {"state": "x"})
    session().flush()
    requests.answered(syndics.get(other.slug).id, handle, {"state": "changed"})
    session().expire_all()
    found = requests.find(mine.id, handle)
    assert found is not None
    return None if found.parameters == {"state": "x"} else found


def _knows_a_client(one: TestSyndic, other: TestSyndic) -> Any:
    theirs = registered(other.slug)
    assert theirs is not None
    return theirs.clients.get(one.client_id)


def _finds_a_second_code(one: TestSyndic, other: TestSyndic) -> Any:
    account = _account(one)
    row, code = second_codes.issue(account)
    theirs = syndics.get(other.slug).id
    with pytest.raises(NotFound):
        second_codes.get(theirs, row.id)
    with pytest.raises(NotFound):
        second_codes.by_public_id(theirs, row.public_id)
    assert second_codes.listed(theirs) == []
    assert second_codes.matching(account.syndic_id, account.identifier, code) is row, "its own syndic finds it"
    return second_codes.matching(theirs, account.identifier, code)


CASES: dict[str, Callable[[TestSyndic, TestSyndic], Any]] = {
    "legacy.find": _finds,
    "legacy.get": _gets,
    "legacy.by_public_id": _gets_by_public_id,
    "legacy.verify": _verifies,
    **dict.fromkeys(
        ("second_codes.get", "second_codes.by_public_id", "second_codes.listed", "second_codes.matching"),
        _finds_a_second_code,
    ),
    "requests.find": _finds_a_request,
    "requests.find_pushed": _finds_a_pushed_request,
    "requests.wait": _lets_a_request_wait,
    "requests.answered": _answers_a_request,
    "registry.registered": _knows_a_client,
}
"""Each service function that answers for a syndic, asked as another one."""


@pytest.mark.parametrize("case", CASES)
def test_another_syndic_gets_nothing(case: str, world: World, app: Flask) -> None:  # noqa: ARG001 - the context
    one, other = world.syndic(accounts=1), world.syndic(accounts=1)
    other.accounts[0].password = "another-" + secrets.token()
    assert CASES[case](one, other) is None


def test_every_service_function_that_takes_a_syndic_and_finds_something_is_among_the_cases() -> None:
    """A new finder must be added to `CASES`: this list is read from the code."""
    finders = {
        f"{name}.{function}"
        for name, module in {"legacy": legacy, "second_codes": second_codes, "requests": requests}.items()
        for function, thing in vars(module).items()
        if inspect.isfunction(thing)
        and thing.__module__ == module.__name__
        and not function.startswith("_")
        and {"syndic_id", "syndic"} & inspect.signature(thing).parameters.keys()
        and function not in {"keep", "push"}
    }
    assert finders <= set(CASES), f"not asked as another syndic: {sorted(finders - set(CASES))}"
