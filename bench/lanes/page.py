"""`python -m bench.lanes.page`: writes the newest measurement into `docs/legacy.md`."""

from pathlib import Path
from typing import Any

from bench import results, tables
from bench.page import between
from bench.places import ROOT

PAGE = ROOT / "docs" / "legacy.md"
RESULTS = Path(__file__).parents[1] / "lanes_results.jsonl"
GOAL_MS = 2_000


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
        f"Measured {machine['at']} at {machine['commit']}: {result['syndics']} syndics, {result['per_s']:g} "
        f"confirmations a second among them, two worker processes, PostgreSQL with fsync; {machine['cpu']}, "
        f"{machine['cores']} cores (load {machine['load']} before), Linux {machine['kernel']}. From the commit of a "
        "confirmation to the receipt of its source; of the dead one's neighbours only."
    )
    return f"{circumstances}\n\n{tables.markdown(rows(result))}"


def rows(result: dict[str, Any]) -> tables.Rows:
    """One line a figure."""
    alone, beside = result["all_answer"], result["one_dead"]
    return [
        ("", "all answer", "one never answers", "goal"),
        ("secrets retired", f"{alone['retired']:,}", f"{beside['retired']:,}", ""),
        ("median", f"{alone['median_ms']:,.0f} ms", f"{beside['median_ms']:,.0f} ms", ""),
        ("p99", f"{alone['p99_ms']:,.0f} ms", f"{beside['p99_ms']:,.0f} ms", f"under {GOAL_MS:,} ms"),
        ("longest", f"{alone['longest_ms']:,.0f} ms", f"{beside['longest_ms']:,.0f} ms", ""),
    ]


def missed(result: dict[str, Any]) -> bool:
    """Whether the neighbours of the dead one wait too long."""
    return bool(result["one_dead"]["p99_ms"] >= GOAL_MS)


if __name__ == "__main__":
    main()
