"""`python -m bench.trust.page`: writes the newest measurement into `docs/trust.md`."""

from pathlib import Path
from typing import Any

from bench import results, tables
from bench.page import between
from bench.places import ROOT
from bench.trust.deciding import GOAL_US, MENU

PAGE = ROOT / "docs" / "trust.md"
RESULTS = Path(__file__).parents[1] / "trust_results.jsonl"
MOST_STATEMENTS = 5


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
        f"Measured {machine['at']} at {machine['commit']}, {result['syndics']:,} syndics in circles of up to 2,000; "
        f"{machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}, "
        f"Python {machine['versions']['python']}. Median [lowest..highest]."
    )
    return f"{circumstances}\n\n{tables.markdown(rows(result))}"


def rows(result: dict[str, Any]) -> tables.Rows:
    """One line a figure."""
    memory, picture, change, page = (result[part] for part in ("memory", "picture", "change", "page"))
    return [
        ("", "", "goal"),
        ("a decision from memory", f"{_ranged(memory['us'])} µs", f"under {GOAL_US:g} µs"),
        ("the slowest in a hundred of them", f"{memory['p99_us']:.2f} µs", ""),
        (f"which of {MENU} syndics a menu may show", f"{_ranged(result['menu'])} µs", ""),
        ("a decision that asks the database", f"{_ranged(result['sql'])} µs", ""),
        ("drawing the picture anew: CPU of ours", f"{_ranged(picture['cpu_ms'])} ms", ""),
        ("memory of a picture", f"{picture['mib']:.1f} MiB a process", ""),
        ("a look whether it is current, twice a second", f"{_ranged(picture['look_us'])} µs", ""),
        ("« Mes comptes » of 200 accounts: statements", f"{page['statements']}", f"at most {MOST_STATEMENTS}"),
        ("the same: CPU of ours", f"{_ranged(page['cpu_ms'])} ms", ""),
        (f"loading a circle of {change['members']:,}", f"{change['load_s']:.1f} s", ""),
        ("its entries in the ledger", f"{change['load_entries']:,}", ""),
        ("one more, who asked and is admitted", f"{change['one_ms']:.0f} ms, {change['one_entries']} entries", ""),
    ]


def missed(result: dict[str, Any]) -> list[str]:
    """The goals that this measurement misses."""
    found = []
    if result["memory"]["us"]["median"] >= GOAL_US:
        found.append("a decision from memory")
    if result["page"]["statements"] > MOST_STATEMENTS:
        found.append("« Mes comptes »")
    for each in found:
        print(f"{each}: the goal is missed")
    return found


def _ranged(found: dict[str, float]) -> str:
    return f"{_short(found['median'])} [{_short(found['low'])}..{_short(found['high'])}]"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


if __name__ == "__main__":
    main()
