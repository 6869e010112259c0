"""docs/reliability.md: what a long run met, rewritten between its marks by `make faults`."""

import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.lengths import OWNERS, SECONDS, SEED

if TYPE_CHECKING:
    from tests.faults.trial import Trial

FILE = Path(__file__).parents[2] / "docs" / "reliability.md"
WRITES = os.environ.get("REWRITE") == "1"
LINE = re.compile(r"^\| .*\|$", re.MULTILINE)
BEGINS, ENDS = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = (
    "| fault | struck | acknowledged acts | of these associations | unknown | effects at the extranet | "
    "repeated calls | mails | mails twice | longest wait of a client |\n|---|---|---|---|---|---|---|---|---|---|\n"
)


@dataclass
class Report:
    """The line of one trial."""

    effects_before: int = 0
    calls_before: int = 0
    mails_before: int = 0

    def write(self, trial: "Trial", seconds: float) -> None:
        """Put the trial's line in the place of the one before, where this is asked for."""
        if not WRITES:
            return
        head, _, rest = FILE.read_text(encoding="utf-8").partition(BEGINS)
        kept, _, tail = rest.partition(ENDS)
        lines = {row.split(" | ")[0].removeprefix("| "): row for row in LINE.findall(kept)[1:]}
        lines[trial.name] = self._line(trial)
        told = (
            f"\nMeasured on {datetime.now(UTC):%Y-%m-%d} with seed {SEED}: each fault for {SECONDS:.0f} s and more, "
            f"{OWNERS} owners at the same time, {os.cpu_count()} cores; the last trial took {seconds:.0f} s.\n\n"
        )
        body = HEAD + "".join(f"{line}\n" for line in lines.values())
        FILE.write_text(f"{head}{BEGINS}{told}{body}{ENDS}{tail}", encoding="utf-8")

    def _line(self, trial: "Trial") -> str:
        history, extranet = trial.history, trial.deployment.extranet
        keys = [key for verb, key in extranet.calls if verb == "disable"]
        copies = Counter(str(mail["Message-ID"]) for mail in trial.deployment.post.messages)
        cells = (
            trial.name,
            len(trial.deployment.struck),
            history.count("acknowledged"),
            len(history.of("associate", "acknowledged")),
            history.count("unknown"),
            len(keys) - self.effects_before,
            extranet.repeated("disable") - self.calls_before,
            len(copies) - self.mails_before,
            sum(count - 1 for count in copies.values()),
            f"{history.outages.longest_s:.1f} s",
        )
        return "| " + " | ".join(str(cell) for cell in cells) + " |"
