"""What `make bench-trust` measures: the rows are a registry, and « Mes comptes » keeps to its number of statements."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from bench import results
from bench.page import BEGIN, END
from bench.trust import accounts_page, deciding, page
from bench.trust.__main__ import ACCOUNTS, fill
from broker.app import create_app
from broker.embedded import Addresses
from config.database import db
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.settings import settings
from tenants.trust import service
from tests.conftest import TEMPLATE

SYNDICS = 40


@pytest.fixture(scope="module")
def network(postgres: EmbeddedPostgres) -> Iterator[tuple[Flask, str]]:
    """A small registry, and the cookie of an owner with 200 accounts at 20 partners."""
    name = "trust_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    postgres.create_database(name, template=TEMPLATE)
    where = Addresses(postgres.url(APPLICATION, name), postgres.url(OWNER, name), os.environ["TROUSSEAU_TEST_QUEUE"])
    application = create_app(settings(), where)
    url = make_url(where.application).set(drivername="postgresql")
    try:
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            cookie = fill(connection, SYNDICS)
        yield application, cookie
        with application.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        postgres.drop_database(name)


def test_my_accounts_with_two_hundred_of_them_costs_at_most_five_statements(network: tuple[Flask, str]) -> None:
    application, cookie = network
    found = accounts_page.measured(application, {"Host": "localhost"}, cookie, ACCOUNTS, rounds=3)
    assert found["statements"] <= page.MOST_STATEMENTS, "plain statements and the unit of work's, all counted"


def test_memory_and_database_decide_alike_in_what_is_measured(network: tuple[Flask, str]) -> None:
    application, _ = network
    with application.app_context():
        answers = set()
        for question in deciding.questions(SYNDICS, 1500):
            answers.add(service.glance(*question).reason)
            assert service.glance(*question) == service.decide(*question), question
        db.session.rollback()
    assert answers >= {"circle", "agreement", "denied", "same_syndic"}, "every kind of answer is among those measured"


def test_changing_a_circle_writes_as_many_entries_as_there_are_newcomers(network: tuple[Flask, str]) -> None:
    application, _ = network
    with application.app_context():
        found = deciding.changing_it(SYNDICS, 30)
    assert found["load_entries"] == 30 + 4, "one for each, and the founding and the admission in two chains"
    assert found["one_entries"] == 6, "it asked, and was admitted: in the circle's chain, the platform's and its own"


def _measurement(us: float) -> dict[str, Any]:
    ranged = {"median": us, "low": us, "high": us}
    return {
        "machine": {
            "at": "2026-11-22T16:00:00+00:00", "commit": "abc", "cpu": "CPU", "cores": 2, "kernel": "6",
            "versions": {"python": "3.11"},
        },
        "syndics": 5000,
        "memory": {"us": ranged, "p99_us": us, "allowed": 0.3},
        "menu": ranged,
        "sql": ranged,
        "picture": {"cpu_ms": ranged, "mib": 3.0, "look_us": ranged},
        "page": {"statements": 4, "cpu_ms": ranged, "ms": ranged, "kib": 99.0},
        "change": {"members": 2000, "load_s": 3.0, "load_entries": 2004, "one_ms": 20.0, "one_entries": 6},
    }  # fmt: skip


def test_a_measurement_replaces_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    text = tmp_path / "trust.md"
    text.write_text(f"# Before\n\n{BEGIN}\n{END}\n\nAfter.\n", encoding="utf-8")
    page.draw(_measurement(7.77), text)
    page.draw(_measurement(3.33), text)
    found = text.read_text(encoding="utf-8")
    assert found.startswith("# Before\n\n")
    assert found.endswith("\n\nAfter.\n")
    assert "3.33" in found
    assert "7.77" not in found


def test_a_missed_goal_is_named() -> None:
    assert page.missed(_measurement(49.0)) == []
    assert page.missed(_measurement(50.0)) == ["a decision from memory"]


def test_the_page_of_the_project_shows_the_newest_measurement() -> None:
    newest = results.newest(page.RESULTS)
    assert page.told(newest) in page.PAGE.read_text(encoding="utf-8"), "run python -m bench.trust.page"
