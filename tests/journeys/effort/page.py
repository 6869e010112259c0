"""docs/effort.md: one row a journey, written by `make effort` and held by the tests."""

from pathlib import Path

from tests import journeys
from tests.journeys.effort.person import Effort

FILE = Path(journeys.__file__).parents[2] / "docs" / "effort.md"
INTRODUCTION = """# What each journey asks of an owner

Measured by walking every journey as an owner does (`tests/journeys/effort`). `make effort` writes this page, and
`make test` fails when a journey has come to ask for more, or less, than it says.

**Pages** are those of ours that are seen, the first and the last included, and a page that comes back with an error or
a question once more. **Typed** are the fields that are typed into; of these, **optional** ones could stay empty.
**Decisions** are buttons pressed, links followed and boxes ticked. **Mails** are those that the owner gets before the
journey is over. Nothing is counted at the extranet itself.

A first association whose syndic knows the right address takes at most 8 pages and 4 typed fields by code, 9 pages and
5 fields by link, optional fields apart, and 1 mail.

| journey | pages | typed | optional | decisions | mails |
|---|---|---|---|---|---|
"""


def row(name: str, effort: Effort) -> str:
    """A journey's line."""
    counts = (effort.pages, effort.typed, effort.optional, effort.decisions, effort.mails)
    return f"| {name} | {' | '.join(map(str, counts))} |"


def rows() -> dict[str, str]:
    """The lines that the page has now, by journey."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else INTRODUCTION
    lines = text.removeprefix(text[: text.rindex("|---|\n") + len("|---|\n")]).splitlines()
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}


def written(lines: list[str]) -> str:
    """The page with these lines."""
    return INTRODUCTION + "".join(f"{line}\n" for line in lines)
