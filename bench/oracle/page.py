"""`python -m bench.oracle.page`: writes the newest measurement into `docs/oracle.md`."""

from pathlib import Path
from typing import Any

from bench import results, tables
from bench.oracle.classifier import GOAL
from bench.page import between
from bench.places import ROOT

PAGE = ROOT / "docs" / "oracle.md"
RESULTS = Path(__file__).parents[1] / "oracle_results.jsonl"
HEAD = ("", "AUC", "95 % interval", "median of blocks", "known, ms", "unknown, ms", "")


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
        f"Measured {machine['at']} at {machine['commit']}: {result['names']:,} known and {result['names']:,} unknown "
        f"names each, one at a time; {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}."
    )
    return f"{circumstances}\n\n{tables.markdown(rows(result))}"


def rows(result: dict[str, Any]) -> tables.Rows:
    """One line a request."""
    return [HEAD, *(_row(name, found) for name, found in result["pages"].items())]


def _row(name: str, found: dict[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{found['auc']:.3f}",
        f"{found['low']:.3f}..{found['high']:.3f}",
        f"{found['blocks']:.3f}",
        f"{found['known_ms']:.2f}",
        f"{found['unknown_ms']:.2f}",
        f"over {GOAL}" if found["tells"] else "",
    )


if __name__ == "__main__":
    main()
