"""What goes wrong with an embedded server, said with the server's own last words."""

from pathlib import Path

LAST_LINES = 15


class EmbeddedServerError(Exception):
    """An embedded server cannot be started, found or removed; the message ends with the tail of its log."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message + _last_words(log) if log is not None else message)


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
    except OSError:
        return ""
    return "".join(f"\n  | {line}" for line in [f"(the end of {log})", *lines])
