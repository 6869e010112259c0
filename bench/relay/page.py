"""`python -m bench.relay.page`: writes the newest measurement into `docs/outbox.md`."""

from pathlib import Path
from typing import Any

from bench import results, tables
from bench.page import between
from bench.places import ROOT

PAGE = ROOT / "docs" / "outbox.md"
RESULTS = Path(__file__).parents[1] / "relay_results.jsonl"
PER_SECOND, IDLE_P99_MS, SLOWER = 1_000, 1_000, 0.20
"""The goals: at least, under, at most."""


def main() -> None:
    """Write the newest measurement."""
    draw(results.newest(RESULTS))


def draw(result: dict[str, Any], page: Path = PAGE) -> None:
    """Put a measurement between the marks of the page.

    Raises:
        BenchError: the page has lost its marks.
    """
    between(page, told(result))


def told(result: dict[str, Any]) -> str:
    """The measurement in Markdown."""
    machine = result["machine"]
    circumstances = (
        f"Measured {machine['at']} at {machine['commit']}, two worker processes, PostgreSQL with fsync; "
        f"{machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}."
    )
    return f"{circumstances}\n\n{tables.markdown(rows(result))}"


def rows(result: dict[str, Any]) -> tables.Rows:
    """One line a figure."""
    rate, soon = result["rate"], result["soon"]
    found: tables.Rows = [
        ("", "measured", "goal"),
        (
            f"no-op promises kept a second, of {rate['promises']:,}",
            f"{rate['per_second']:,}",
            f"{PER_SECOND:,} or more",
        ),
        ("from commit to act when idle, median", f"{soon['median_ms']:.0f} ms", ""),
        ("from commit to act when idle, p99", f"{soon['p99_ms']:.0f} ms", f"under {IDLE_P99_MS:,} ms"),
    ]
    if "beside" in result:
        beside, alone = (result["beside"]["flow"][side]["per_s"]["median"] for side in ("theirs", "ours"))
        found += [
            ("sign-ins a second without a backlog", f"{alone:.0f}", ""),
            (f"the same beside a backlog of {result['beside']['backlog']:,}", f"{beside:.0f}", ""),
            ("slower by", f"{slower(result):.0%}", f"{SLOWER:.0%} at most"),
        ]
    return found


def slower(result: dict[str, Any]) -> float:
    """By what part sign-ins slow down beside a backlog."""
    beside, alone = (result["beside"]["flow"][side]["per_s"]["median"] for side in ("theirs", "ours"))
    return float(1 - beside / alone)


def missed(result: dict[str, Any]) -> list[str]:
    """The goals that this measurement misses."""
    found = []
    if result["rate"]["per_second"] < PER_SECOND:
        found.append("promises kept a second")
    if result["soon"]["p99_ms"] >= IDLE_P99_MS:
        found.append("from commit to act when idle")
    if "beside" in result and slower(result) > SLOWER:
        found.append("sign-ins beside a backlog")
    for each in found:
        print(f"{each}: the goal is missed")
    return found


if __name__ == "__main__":
    main()
