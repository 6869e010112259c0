"""Why a demonstration cannot go on: one clear line, and the end of the log of the program that failed."""

from pathlib import Path

LAST_LINES = 20


class DemoError(Exception):
    """The demonstration cannot start; the text says why and what to do. `details` are the program's own words."""

    def __init__(self, message: str, *, log: Path | None = None, details: str = "") -> None:
        super().__init__(message)
        self.log = log
        self.details = details

    def __str__(self) -> str:
        """The line, and below it the last words of the program."""
        said = self.details or (_text(self.log) if self.log else "")
        where = [f"  | (the end of {self.log})"] if self.log else []
        return "\n".join([*self.args, *where, *(f"  | {line}" for line in said.splitlines()[-LAST_LINES:])])


def _text(log: Path) -> str:
    try:
        return log.read_text("utf-8", "replace")
    except OSError:
        return ""
