"""A measurement as tables of text: for the terminal, and (in Markdown) for the page."""

from collections.abc import Sequence
from typing import Any

NAMES = {
    "flow": "the whole code flow",
    "refresh": "refresh",
    "userinfo": "userinfo",
    "introspection": "introspection",
    "discovery": "discovery",
    "jwks": "JWKS",
}
HEAD = ("", "flows/s", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms", "MiB a web process")
COLUMNS = ("per_s", "p50_ms", "p99_ms", "server_cpu_ms", "database_cpu_ms", "memory_mib")
RATIO_HEAD = ("reference / ours", "server CPU", "server + database", "database CPU", "p99", "memory")
RATIOS = ("server_cpu", "all_cpu", "database_cpu", "p99", "memory")

Rows = list[tuple[str, ...]]


def figures(result: dict[str, Any]) -> Rows:
    """Two lines an operation: the reference's medians and ours."""
    rows: Rows = [HEAD]
    for operation, found in result["operations"].items():
        for who, key in (("oidc-provider", "theirs"), ("trousseau", "ours")):
            medians = tuple(_number(found[key][column]["median"]) for column in COLUMNS)
            rows.append((f"{NAMES[operation]}: {who}", *medians))
    return rows


def ratios(result: dict[str, Any]) -> Rows:
    """One line an operation: median [lowest..highest] of the rounds."""
    rows: Rows = [RATIO_HEAD]
    for operation, found in result["operations"].items():
        rows.append((NAMES[operation], *(_ranged(found["ratio"].get(name)) for name in RATIOS)))
    return rows


def scale(found: dict[str, Any]) -> Rows:
    """What a flow costs at both sizes."""
    rows: Rows = [("", *HEAD[1:])]
    for size, key in (("small", "theirs"), ("large", "ours")):
        counts = f"{found[size]['syndics']:,} syndics, {found[size]['identities']:,} identities"
        rows.append((counts, *(_number(found["flow"][key][column]["median"]) for column in COLUMNS)))
    growth = found["flow"]["ratio"]["server_cpu"]
    rows.append(("small / large", "", "", "", _ranged(growth), _ranged(found["flow"]["ratio"]["database_cpu"]), ""))
    return rows


def breakdown(found: dict[str, Any]) -> Rows:
    """CPU milliseconds by endpoint and owner of the code."""
    endpoints = found["endpoints"]
    totals: dict[str, float] = {}
    for endpoint in endpoints.values():
        for owner, ms in endpoint["owners"].items():
            totals[owner] = totals.get(owner, 0.0) + ms
    rows: Rows = [("ms of CPU", *(NAMES.get(name, name) for name in endpoints))]
    for owner in sorted(totals, key=lambda name: -totals[name]):
        rows.append((owner, *(_number(each["owners"].get(owner, 0.0)) for each in endpoints.values())))
    for title, key in (("all", "cpu_ms"), ("the database's", "database_cpu_ms"), ("round trips", "round_trips")):
        rows.append((title, *(_number(each[key]) for each in endpoints.values())))
    return rows


def plain(rows: Rows) -> str:
    """For a terminal."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def markdown(rows: Rows) -> str:
    """For the page."""
    head, *body = rows
    rule = ("---", *["---:"] * (len(head) - 1))
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    return first.ljust(widths[0]) + "".join(
        "  " + text.rjust(width) for text, width in zip(others, widths[1:], strict=True)
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ranged(found: dict[str, float] | None) -> str:
    if found is None:
        return "–"
    return f"{found['median']:.2f} [{found['low']:.2f}..{found['high']:.2f}]"
