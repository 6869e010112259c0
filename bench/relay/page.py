"""`python -m bench.relay.page`: writes the newest measurement into `docs/reliability.md`."""

from pathlib import Path
from typing import Any

from bench import results, tables
from bench.page import between
from bench.places import ROOT

PAGE = ROOT / "docs" / "reliability.md"
RESULTS = Path(__file__).parents[1] / "relay_results.jsonl"


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
    """One line a promise of ours."""
    rate, soon = result["rate"], result["soon"]
    found: tables.Rows = [
        ("", "measured", "goal"),
        (f"promises kept a second ({rate['promises']:,} no-op ones)", f"{rate['per_second']:,}", "1,000 or more"),
        ("from commit to act when idle, median", f"{soon['median_ms']} ms", ""),
        ("from commit to act when idle, p99", f"{soon['p99_ms']} ms", "under 1,000 ms"),
    ]
    if "beside" in result:
        beside, alone = (result["beside"]["flow"][side]["per_s"] for side in ("theirs", "ours"))
        slower = 1 - beside["median"] / alone["median"]
        what = f"sign-ins a second beside a backlog of {result['beside']['backlog']:,}, against none"
        said = f"{beside['median']:.0f} against {alone['median']:.0f} ({slower:+.0%} slower)"
        found.append((what, said, "20 % slower at most"))
    return found


if __name__ == "__main__":
    main()
