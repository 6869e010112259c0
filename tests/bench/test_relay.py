"""What `make bench-relay` measures: promises that workers keep, told by their rows; and a missed goal is named."""

import copy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bench import results
from bench.page import BEGIN, END
from bench.relay import page
from bench.relay.promises import Promises
from bench.relay.worker import TOPIC
from tests.bench.conftest import Populated
from workers import outbox


@pytest.fixture
def made(populated: Populated) -> Promises:
    """The promises of the small population."""
    return Promises(populated.application, "bench")


def test_what_is_promised_is_counted_until_a_worker_has_kept_it(made: Promises) -> None:
    made.make(30, "rate")
    assert made.waiting() == 30
    _keep(made.app)
    assert made.waiting() == 0
    kept = made.done("rate")
    assert len(kept) == 30, "each is found again by its key"
    assert all(begun <= done for begun, done in kept)
    assert made.done("soon") == [], "and no other"


def test_one_promise_at_a_time_is_timed_from_its_commit(made: Promises) -> None:
    made.make_one("soon:0")
    _keep(made.app)
    ((begun, done),) = made.done("soon")
    assert begun < done


def _keep(application: Flask) -> None:
    with application.app_context():
        outbox.drain(TOPIC)


FIGURES: dict[str, Any] = {
    "machine": {"at": "2026-11-22T16:00:00+00:00", "commit": "abc", "cpu": "CPU", "cores": 2, "kernel": "6"},
    "rate": {"promises": 20_000, "per_second": 1_234},
    "soon": {"median_ms": 12.3, "p99_ms": 45.6},
    "beside": {
        "backlog": 100_000,
        "flow": {"theirs": {"per_s": {"median": 81.0}}, "ours": {"per_s": {"median": 90.0}}},
    },
}


def test_a_measurement_replaces_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    text = tmp_path / "outbox.md"
    text.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    page.draw(FIGURES, text)
    found = text.read_text(encoding="utf-8")
    assert found.startswith("# Before\n\n")
    assert found.endswith("\n\nAfter.\n")
    assert "old" not in found
    for figure in ("1,234", "46 ms", "10%"):
        assert figure in found


@pytest.mark.parametrize(
    ("part", "worse", "named"),
    [
        ("rate", {"promises": 20_000, "per_second": 999}, "promises kept a second"),
        ("soon", {"median_ms": 12.3, "p99_ms": 1_000.0}, "from commit to act when idle"),
        (
            "beside",
            {"backlog": 1, "flow": {"theirs": {"per_s": {"median": 71.0}}, "ours": {"per_s": {"median": 90.0}}}},
            "sign-ins beside a backlog",
        ),
    ],
)
def test_a_missed_goal_is_named(part: str, worse: dict[str, Any], named: str) -> None:
    assert page.missed(FIGURES) == []
    found = copy.deepcopy(FIGURES)
    found[part] = worse
    assert page.missed(found) == [named]


def test_the_page_of_the_project_shows_the_newest_measurement() -> None:
    newest = results.newest(page.RESULTS)
    assert page.told(newest) in page.PAGE.read_text(encoding="utf-8"), "run python -m bench.relay.page"
