"""The page and its chart say what was measured."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench import chart, page, results, tables
from bench.failures import BenchError
from bench.places import CHART, PAGE

SHOWN = ("per_s", "p50_ms", "p99_ms", "server_cpu_ms", "database_cpu_ms", "memory_mib", "busy")


def _measurement(cost: float) -> dict[str, Any]:
    shown = {name: {"median": cost, "low": cost, "high": cost} for name in SHOWN}
    ratio = {name: {"median": 1.25, "low": 1.2, "high": 1.3} for name in tables.RATIOS}
    told = {"theirs": shown, "ours": shown, "ratio": ratio}
    endpoint = {"cpu_ms": 0.7, "database_cpu_ms": 0.1, "round_trips": 1.0, "owners": {"Authlib": 0.7}}
    return {
        "machine": {
            "at": "2026-11-22T09:00:00+00:00",
            "commit": "abc",
            "cpu": "CPU",
            "cores": 2,
            "kernel": "6",
            "memory_gib": 4,
            "versions": {"node": "v20"},
        },
        "rounds": 5,
        "seconds": 6.0,
        "apart": True,
        "operations": {"flow": told, "jwks": told},
        "breakdown": {
            "floors": {"a bare Flask answer": 0.042},
            "endpoints": {"authorize": endpoint, "token": endpoint, "userinfo": endpoint},
        },
        "scale": {
            "small": {"syndics": 4, "identities": 1000},
            "large": {"syndics": 5000, "identities": 1000000},
            "fill_s": 96.0,
            "flow": told,
        },
    }


def test_a_measurement_replaces_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    text, picture = tmp_path / "page.md", tmp_path / "chart.svg"
    text.write_text(f"# Before\n\n{page.BEGIN}\n{page.END}\n\nAfter.\n", encoding="utf-8")
    page.draw(_measurement(7.77), text, picture)
    page.draw(_measurement(3.33), text, picture)
    found = text.read_text(encoding="utf-8")
    assert found.startswith("# Before\n\n")
    assert found.endswith("\n\nAfter.\n")
    assert "3.33" in found
    assert "7.77" not in found
    assert "1.25 [1.20..1.30]" in found
    assert "5,000 syndics, 1,000,000 identities" in found


def test_a_page_without_its_marks_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "page.md"
    text.write_text("# Somebody's own words\n", encoding="utf-8")
    with pytest.raises(BenchError, match="must hold the lines"):
        page.draw(_measurement(1.0), text, tmp_path / "chart.svg")
    assert text.read_text(encoding="utf-8") == "# Somebody's own words\n"


def test_the_chart_is_well_formed_and_reads_in_light_and_dark() -> None:
    drawing = chart.drawn(_measurement(2.5))
    root = ET.fromstring(drawing)  # noqa: S314 - our own
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {tables.NAMES["flow"], tables.NAMES["jwks"], "5.00"} <= set(texts)
    assert "prefers-color-scheme: dark" in drawing


def test_results_are_kept_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with pytest.raises(BenchError, match="no measurement yet"):
        results.newest(file)
    results.append({"rounds": 1}, file)
    results.append({"rounds": 2}, file)
    assert results.newest(file) == {"rounds": 2}
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_the_page_of_the_project_shows_the_newest_measurement() -> None:
    newest = results.newest()
    assert page.told(newest) in PAGE.read_text(encoding="utf-8"), "run python -m bench.page"
    assert CHART.read_text(encoding="utf-8") == chart.drawn(newest), "run python -m bench.page"
