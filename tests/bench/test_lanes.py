"""What `make bench-lanes` shows: the figures of the newest measurement, and whether the goal was met."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench import results
from bench.lanes import page, sources
from bench.page import BEGIN, END
from bench.running import free_port


def _measurement(p99_ms: float) -> dict[str, Any]:
    found = {"retired": 300, "median_ms": 30.0, "p99_ms": p99_ms, "longest_ms": p99_ms + 10}
    machine = {"at": "now", "commit": "abc", "cpu": "CPU", "cores": 2, "load": 0.1, "kernel": "6"}
    return {"machine": machine, "syndics": 50, "per_s": 8.0, "all_answer": found, "one_dead": found}


def test_a_measurement_replaces_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    text = tmp_path / "legacy.md"
    text.write_text(f"# Before\n\n{BEGIN}\n{END}\n\nAfter.\n", encoding="utf-8")
    page.draw(_measurement(777.0), text)
    page.draw(_measurement(333.0), text)
    found = text.read_text(encoding="utf-8")
    assert found.startswith("# Before\n\n")
    assert found.endswith("\n\nAfter.\n")
    assert "333 ms" in found
    assert "777 ms" not in found


def test_a_missed_goal_is_known() -> None:
    assert not page.missed(_measurement(1999.0))
    assert page.missed(_measurement(2000.0))


def test_the_page_of_the_project_shows_the_newest_measurement() -> None:
    newest = results.newest(page.RESULTS)
    assert page.told(newest) in page.PAGE.read_text(encoding="utf-8"), "run python -m bench.lanes.page"


def test_one_source_answers_and_the_other_never_does() -> None:
    port, dead = free_port(), free_port()

    async def ask() -> None:
        serving = asyncio.create_task(sources.main(port, dead))
        async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
            while True:
                try:
                    answer = await http.post(f"http://127.0.0.1:{port}/7/disable", json={"identifier": "1"})
                    break
                except httpx2.ConnectError:
                    await asyncio.sleep(0)
            assert set(answer.json()) == {"receipt", "disabled_at"}
            with pytest.raises(httpx2.ReadTimeout):
                await http.post(f"http://127.0.0.1:{dead}/7/disable", json={}, timeout=0.2)
        serving.cancel()

    asyncio.run(ask())
