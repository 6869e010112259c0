"""docs/reliability.md: what a long run met, rewritten between its marks by `make faults`."""

import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.extranet import Extranet
from tests.faults.history import History
from tests.faults.lengths import OWNERS, SEED
from tests.faults.post import Post

FILE = Path(__file__).parents[2] / "docs" / "reliability.md"
WRITES = os.environ.get("REWRITE") == "1"
BEGINS, ENDS = "<!-- figures: begin -->", "<!-- figures: end -->"
LINE = re.compile(r"^\| .*\|$", re.MULTILINE)
COLUMNS = (
    "fault",
    "seconds",
    "strikes",
    "acts acknowledged",
    "unknown",
    "associations",
    "effects",
    "effects twice",
    "calls repeated",
    "mails",
    "mails twice",
    "longest wait",
)


@dataclass
class Seen:
    """What the outside had seen when a trial began."""

    effects: int
    repeated: int
    messages: int


def before(extranet: Extranet, post: Post) -> Seen:
    """To be taken when a trial begins."""
    return Seen(extranet.effects("disable"), extranet.repeated("disable"), len(post.messages))


def row(
    name: str, *, seconds: float, strikes: int, history: History, extranet: Extranet, post: Post, seen: Seen
) -> str:
    """A trial's line."""
    copies = Counter(str(mail["Message-ID"]) for mail in post.messages[seen.messages :])
    cells = (
        name,
        f"{seconds:.0f}",
        strikes,
        history.count("acknowledged"),
        history.count("unknown"),
        len(history.of("associate", "acknowledged")),
        extranet.effects("disable") - seen.effects,
        sum(person.disablements > 1 for person in extranet.people.values()),
        extranet.repeated("disable") - seen.repeated,
        len(copies),
        sum(count - 1 for count in copies.values()),
        f"{history.outages.longest_s:.1f} s",
    )
    return _line(*cells)


def write(name: str, line: str) -> None:
    """Put a trial's line in the place of the one before, where this is asked for."""
    if not WRITES:
        return
    head, _, rest = FILE.read_text(encoding="utf-8").partition(BEGINS)
    kept, _, tail = rest.partition(ENDS)
    lines = {each.split(" | ")[0].removeprefix("| "): each for each in LINE.findall(kept)[1:]}
    lines[name] = line
    told = f"Written on {datetime.now(UTC):%d %B %Y}, seed {SEED}, {OWNERS} owners at a time, {os.cpu_count()} cores."
    table = "\n".join([_line(*COLUMNS), "|" + "---|" * len(COLUMNS), *lines.values()])
    FILE.write_text(f"{head}{BEGINS}\n{told}\n\n{table}\n{ENDS}{tail}", encoding="utf-8")


def _line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
