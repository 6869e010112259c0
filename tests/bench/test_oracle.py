"""The arithmetic of `make bench-oracle`: what it calls a coin is one, and what tells is seen."""

import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench import results
from bench.failures import BenchError
from bench.oracle import page
from bench.oracle.classifier import auc, interval, judged
from bench.oracle.stopwatch import shuffled
from bench.oracle.walks import Step, Walk
from bench.page import BEGIN, END

SIGN_IN = "sign-in by e-mail"
TIMES = st.lists(st.integers(0, 50).map(lambda tenths: tenths / 10), min_size=1, max_size=40)
"""Few values, so that many are equal."""


@given(TIMES, TIMES)
def test_the_area_is_the_share_of_pairs_with_equal_ones_counted_half(known: list[float], unknown: list[float]) -> None:
    pairs = [(one > other) + (one == other) / 2 for one, other in product(known, unknown)]
    assert auc(known, unknown) == pytest.approx(sum(pairs) / len(pairs))


@given(TIMES)
def test_samples_that_are_equal_are_a_coin(times: list[float]) -> None:
    assert auc(times, times) == 0.5


@given(TIMES, TIMES)
def test_one_side_of_the_coin_is_the_other_turned_over(known: list[float], unknown: list[float]) -> None:
    assert auc(known, unknown) == pytest.approx(1 - auc(unknown, known))


@given(TIMES, TIMES, st.floats(0.5, 100))
def test_only_the_order_counts(known: list[float], unknown: list[float], scale: float) -> None:
    longer = [[scale * time + 3 for time in times] for times in (known, unknown)]
    assert auc(*longer) == pytest.approx(auc(known, unknown))


@given(TIMES, TIMES, st.floats(0.1, 9))
def test_a_delay_of_the_known_never_makes_the_area_smaller(
    known: list[float], unknown: list[float], delay: float
) -> None:
    assert auc([time + delay for time in known], unknown) >= auc(known, unknown)


@given(TIMES, TIMES)
def test_samples_that_do_not_meet_are_told_apart_for_certain(known: list[float], unknown: list[float]) -> None:
    far = [time + 6 for time in known]
    assert auc(far, unknown) == 1.0
    assert auc(unknown, far) == 0.0
    assert judged([(far, unknown)]).tells
    assert judged([(unknown, far)]).tells, "an unknown name that takes longer tells as much"


@given(st.floats(0, 1), st.integers(1, 3000), st.integers(1, 3000))
def test_the_interval_holds_the_area_and_shrinks_with_more_names(area: float, known: int, unknown: int) -> None:
    low, high = interval(area, known, unknown)
    more_low, more_high = interval(area, 4 * known, 4 * unknown)
    assert 0 <= low <= area <= high <= 1
    assert low <= more_low + 1e-9
    assert more_high <= high + 1e-9


def test_the_interval_holds_the_truth_nineteen_times_of_twenty() -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same draws in every run
    held = 0
    for _ in range(400):
        known, unknown = ([chance.gauss(0, 1) for _ in range(60)] for _ in range(2))
        low, high = interval(auc(known, unknown), 60, 60)
        held += low <= 0.5 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_shift_of_a_quarter_of_the_spread_misses_the_goal_and_none_does_not() -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same draws in every run

    def blocks(shift: float) -> list[tuple[list[float], list[float]]]:
        return [
            ([chance.gauss(drift + shift, 1) for _ in range(100)], [chance.gauss(drift, 1) for _ in range(100)])
            for drift in range(20)
        ]

    assert not judged(blocks(0)).tells
    told = judged(blocks(0.25))
    assert told.tells
    assert told.blocks > told.auc, "a machine that drifts hides a difference from all pairs, not from neighbours"


@given(st.integers(1, 300))
def test_every_name_is_asked_about_once_and_each_block_holds_as_many_of_both(count: int) -> None:
    step = (Step("x", "/", 200),)
    known, unknown = ([Walk(known, step, {"n": str(n)}) for n in range(count)] for known in (True, False))
    blocks = list(shuffled((known, unknown)))
    assert all(sum(walk.known for walk in block) * 2 == len(block) for block in blocks)
    asked = sorted((walk.known, walk.cookies["n"]) for block in blocks for walk in block)
    assert asked == sorted((walk.known, walk.cookies["n"]) for walk in (*known, *unknown))


@given(st.integers(2, 200))
def test_the_order_within_a_block_is_random(count: int) -> None:
    assume(count >= 100)
    walks = [[Walk(known, (), {}) for _ in range(count)] for known in (True, False)]
    orders = [[walk.known for walk in block] for block in shuffled((walks[0], walks[1]))]
    assert any(order != sorted(order, reverse=True) for order in orders), "known and unknown names are mixed"


def test_the_page_holds_the_newest_measurement_of_each_request_only(tmp_path: Path) -> None:
    text = tmp_path / "oracle.md"
    text.write_text(f"# Before\n\n{BEGIN}\n{END}\n\nAfter.\n", encoding="utf-8")
    older = {**_result(0.777, tells=True)["pages"], "reset": _result(0.601, tells=True)["pages"][SIGN_IN]}
    measured = [{**_result(0.777, tells=True), "pages": older}, _result(0.512, tells=False)]
    page.draw(measured, text)
    found = text.read_text(encoding="utf-8")
    assert "0.512" in found
    assert "0.777" not in found
    assert found.count("over 0.55") == 1, "what was not measured again is told as it was"
    assert "0.601" in found
    text.write_text("# Somebody's own words\n", encoding="utf-8")
    with pytest.raises(BenchError, match="must hold the lines"):
        page.draw(measured, text)


def test_the_page_of_the_project_shows_the_newest_measurement() -> None:
    assert page.told(results.every(page.RESULTS)) in page.PAGE.read_text(encoding="utf-8"), (
        "run python -m bench.oracle.page"
    )


def _result(area: float, *, tells: bool) -> dict[str, Any]:
    found = {"auc": area, "low": 0.5, "high": 0.6, "blocks": 0.5, "known_ms": 1.0, "unknown_ms": 1.0, "tells": tells}
    machine = {"at": "2026-11-22", "commit": "abc", "cpu": "CPU", "cores": 2, "kernel": "6"}
    return {"machine": machine, "names": 2000, "pages": {SIGN_IN: found}}
