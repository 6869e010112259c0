"""The chart of a measurement: what an operation costs here and there, as one SVG that reads in light and dark."""

from typing import Any
from xml.sax.saxutils import escape

from bench.tables import NAMES

WIDTH, LEFT, RIGHT, TOP = 760, 190, 70, 64
BAR, GAP, GROUP = 13, 3, 18
STYLE = """
.ground { fill: #fff }
text { font: 13px system-ui, sans-serif; fill: #24292f }
.quiet { fill: #57606a; font-size: 12px }
.server { fill: #0b6bcb } .database { fill: #7cb8f0 }
.theirs .server { fill: #9a6700 } .theirs .database { fill: #e0b355 }
line { stroke: #57606a; stroke-opacity: .35 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 }
  text { fill: #e6edf3 } .quiet { fill: #9da7b1 }
  .server { fill: #4da3ff } .database { fill: #235a8f }
  .theirs .server { fill: #e3b341 } .theirs .database { fill: #7a5c14 }
  line { stroke: #9da7b1 }
}
"""
"""Colours that differ in lightness too, so that they can be told apart without colour."""


def drawn(result: dict[str, Any]) -> str:
    """The SVG's text."""
    operations = result["operations"]
    longest = max(_cost(found[who]) for found in operations.values() for who in ("theirs", "ours"))
    each = (WIDTH - LEFT - RIGHT) / longest
    parts, y = [], TOP
    for name, found in operations.items():
        parts.append(f'<text x="{LEFT - 10}" y="{y + BAR + GAP + 3}" text-anchor="end">{escape(NAMES[name])}</text>')
        for who in ("theirs", "ours"):
            parts.append(_bar(who, found[who], y, each))
            y += BAR + GAP
        y += GROUP
    return _whole(parts, y, result)


def _bar(who: str, found: dict[str, Any], y: int, each: float) -> str:
    server, database = found["server_cpu_ms"]["median"], found["database_cpu_ms"]["median"]
    end = LEFT + (server + database) * each
    return (
        f'<g class="{who}">'
        f'<rect class="server" x="{LEFT}" y="{y}" width="{server * each:.1f}" height="{BAR}"/>'
        f'<rect class="database" x="{LEFT + server * each:.1f}" y="{y}" width="{database * each:.1f}" height="{BAR}"/>'
        f'<text class="quiet" x="{end + 6:.1f}" y="{y + BAR - 2}">{server + database:.2f}</text></g>'
    )


def _whole(parts: list[str], height: int, result: dict[str, Any]) -> str:
    title = "CPU milliseconds: the web server's, then the database's (shorter is better)"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
            f'<text x="10" y="20">{title}</text>',
            *_legend("theirs", "oidc-provider (reference)", 10),
            *_legend("ours", "trousseau", 240),
            f'<text class="quiet" x="{WIDTH - 10}" y="44" text-anchor="end">{result["machine"]["at"][:10]}</text>',
            f'<line x1="{LEFT}" y1="{TOP - 6}" x2="{LEFT}" y2="{height - GROUP + 6}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _legend(who: str, name: str, x: int) -> list[str]:
    return [
        f'<g class="{who}"><rect class="server" x="{x}" y="34" width="12" height="12"/>',
        f'<rect class="database" x="{x + 12}" y="34" width="12" height="12"/></g>',
        f'<text class="quiet" x="{x + 30}" y="44">{name}</text>',
    ]


def _cost(found: dict[str, Any]) -> float:
    return float(found["server_cpu_ms"]["median"] + found["database_cpu_ms"]["median"])
