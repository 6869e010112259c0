"""The one clock: everything that compares times asks here, so a test can move time and nothing else."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The current time, with its zone (UTC)."""
    return datetime.now(UTC) + _offset


def shift(by: timedelta) -> None:
    """Move this process's clock from now on. For tests; the machine's own clock is never touched."""
    global _offset  # noqa: PLW0603 - one process, one clock
    _offset = by
