"""The settings that docs/integrate.md shows, exactly as they stand there.

A block is fenced and its first line reads ```` ```language title=NAME ````. Addresses and credentials come from the
environment in every block (`ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `EXTRANET`), so that it can run without a change.
"""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "integrate.md"
BLOCK = re.compile(r"^```(?P<language>\w+) title=(?P<name>[\w.-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def all_of_them() -> dict[str, str]:
    """Name -> text of every titled block."""
    return {found["name"]: found["text"] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def snippet(name: str) -> str:
    """The text of one block."""
    found = all_of_them()
    assert name in found, f"docs/integrate.md promises a block titled {name}; it has {sorted(found)}"
    return found[name]
