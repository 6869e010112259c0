"""How a handler ends when it does not end well, and what may be kept of it."""

import traceback
from datetime import timedelta
from pathlib import Path

from config.errors import Refusal
from config.logging import ADDRESS

ERROR_LENGTH = 500


class Retry(Exception):  # noqa: N818 - an outcome, not a defect
    """Try again later. The reason is shown to operators: it holds no address and no secret.

    `limit`: after so many attempts a person must look, where that is sooner than the topic's own limit.
    """

    def __init__(self, reason: str, *, limit: int | None = None) -> None:
        super().__init__(reason)
        self.limit = limit


class Unreachable(Retry):
    """The destination itself is in trouble: whatever else leads there would meet the same (`workers.lanes`).

    `leave_for`: how long it has asked to be left alone.
    """

    def __init__(self, reason: str, *, leave_for: timedelta | None = None) -> None:
        super().__init__(reason)
        self.leave_for = leave_for


class GiveUp(Exception):  # noqa: N818 - an outcome, not a defect
    """Trying again cannot help before a person has looked. The reason is shown to operators, as `Retry`'s is."""


def reason(error: BaseException) -> str:
    """What operators are told of an error, at most 500 characters.

    Only texts that we wrote ourselves are kept. A foreign exception is named by its class and place alone: its
    text may hold the values of a statement or of a mail, and those are secret.
    """
    if isinstance(error, Retry | GiveUp):
        text = str(error)
    elif isinstance(error, Refusal):
        text = f"{error.code}: {error.private}" if error.private else error.code
    else:
        text = f"{type(error).__name__} {_place(error)}"
    return ADDRESS.sub("…@…", text)[:ERROR_LENGTH]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "(no place)"
