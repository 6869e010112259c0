"""`python -m bench.oracle.page`: writes the newest measurement of each request into `docs/oracle.md`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import results, tables
from bench.oracle.classifier import GOAL
from bench.page import between
from bench.places import ROOT

PAGE = ROOT / "docs" / "oracle.md"
RESULTS = Path(__file__).parents[1] / "oracle_results.jsonl"
HEAD = ("", "AUC", "95 % interval", "median of blocks", "known, ms", "unknown, ms", "names", "at", "load", "")


def main() -> None:
    """Write the newest measurement of each request."""
    draw(results.every(RESULTS))


def draw(measured: Sequence[dict[str, Any]], page: Path = PAGE) -> None:
    """Put the newest measurement of each request between the marks of the page.

    Raises:
        BenchError: the page has lost its marks.
    """
    between(page, told(measured))


def told(measured: Sequence[dict[str, Any]]) -> str:
    """The newest measurement of each request in Markdown."""
    machine = measured[-1]["machine"]
    circumstances = (
        f"The last one {machine['at']}, on {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}. So "
        "many known names and as many unknown ones, one at a time; `at` is the revision, `load` how many processes of "
        "the machine wanted a core besides when the measurement began."
    )
    return f"{circumstances}\n\n{tables.markdown(rows(measured))}"


def rows(measured: Sequence[dict[str, Any]]) -> tables.Rows:
    """One line a request."""
    newest = {name: _row(name, found, result) for result in measured for name, found in result["pages"].items()}
    return [HEAD, *newest.values()]


def _row(name: str, found: dict[str, Any], result: dict[str, Any]) -> tuple[str, ...]:
    load = result["machine"].get("load")
    return (
        name,
        f"{found['auc']:.3f}",
        f"{found['low']:.3f}..{found['high']:.3f}",
        f"{found['blocks']:.3f}",
        f"{found['known_ms']:.2f}",
        f"{found['unknown_ms']:.2f}",
        f"{result['names']:,}",
        result["machine"]["commit"],
        "" if load is None else f"{load:.1f}",
        f"over {GOAL}" if found["tells"] else "",
    )


if __name__ == "__main__":
    main()
