"""How a handler ends when it does not end well, and what may be kept of it."""

import traceback
from pathlib import Path

from config.errors import Refusal
from config.logging import ADDRESS

ERROR_LENGTH = 500


class Retry(Exception):  # noqa: N818 - an outcome, not a defect
    """Try again later. The reason is shown to operators: it holds no address and no secret."""


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
