"""`python -m bench.page`: draws the newest measurement anew, in `docs/performance.md` and its chart."""

from pathlib import Path
from typing import Any

from bench import chart, results, tables
from bench.failures import BenchError
from bench.places import CHART, PAGE, RESULTS

BEGIN, END = "<!-- figures: written by bench/page.py -->", "<!-- end of the figures -->"


def main() -> None:
    """Draw the newest measurement."""
    draw(results.newest(RESULTS))


def draw(result: dict[str, Any], page: Path = PAGE, picture: Path = CHART) -> None:
    """Put a measurement between the marks of the page, and its chart beside it.

    Raises:
        BenchError: the page has lost its marks.
    """
    between(page, told(result))
    picture.write_text(chart.drawn(result), encoding="utf-8")


def between(page: Path, figures: str) -> None:
    """Put figures between the marks of a page.

    Raises:
        BenchError: the page has lost its marks.
    """
    before, begun, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise BenchError(f"{page} must hold the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")


def told(result: dict[str, Any]) -> str:
    """The measurement in Markdown."""
    parts = [
        _circumstances(result),
        "![CPU milliseconds of each operation, reference and ours](performance.svg)",
        tables.markdown(tables.ratios(result)),
        "Median of the rounds, lowest and highest in brackets; above 1, ours is better. Medians of each:",
        tables.markdown(tables.figures(result)),
    ]
    if "breakdown" in result:
        parts += [
            "### Where the milliseconds go",
            _floors(result),
            tables.markdown(tables.breakdown(result["breakdown"])),
        ]
    if "scale" in result:
        parts += ["### Whether size costs", _filled(result["scale"]), tables.markdown(tables.scale(result["scale"]))]
    return "\n\n".join(parts)


def _circumstances(result: dict[str, Any]) -> str:
    machine, versions = result["machine"], result["machine"]["versions"]
    known = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    apart = "servers on one core, PostgreSQL and driver on another" if result["apart"] else "everything on one core"
    return (
        f"Measured {machine['at']} at {machine['commit']}, {result['rounds']} rounds of {result['seconds']:g} s, "
        f"{apart}; {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; {known}."
    )


def _floors(result: dict[str, Any]) -> str:
    costs = "; ".join(f"{name} {ms:.3f} ms" for name, ms in result["breakdown"]["floors"].items())
    flow = sum(result["breakdown"]["endpoints"][name]["cpu_ms"] for name in ("authorize", "token", "userinfo"))
    served = result["operations"]["flow"]["ours"]["server_cpu_ms"]["median"] if "flow" in result["operations"] else 0
    return (
        f"By single things on this machine: {costs}. Our three requests cost {flow:.2f} ms inside the application, and "
        f"{served:.2f} ms with the web server, its sockets and four threads around it."
    )


def _filled(found: dict[str, Any]) -> str:
    return f"The large database was filled in {found['fill_s']:.0f} s. Under 1, the large one is the dearer."


if __name__ == "__main__":
    main()
