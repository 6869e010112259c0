"""What keeps a measurement from being made."""

from pathlib import Path

END_OF_LOG = 1500
"""Characters of a log that a message shows."""


class BenchError(Exception):
    """A measurement cannot be made, or would not mean what it says; the text tells what to do."""


class ServerError(BenchError):
    """A server did not start, or ended; the text holds the end of its log."""

    def __init__(self, what: str, log: Path) -> None:
        end = log.read_text(encoding="utf-8", errors="replace")[-END_OF_LOG:] if log.exists() else ""
        super().__init__(f"{what}\n{end}")
