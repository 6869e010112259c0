"""An answer of the registry: one form, whoever gives it."""

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["link", "switch", "list"]
Reason = Literal["same_syndic", "first_account", "agreement", "circle", "denied", "inactive", "not_trusted"]


@dataclass(frozen=True)
class Decision:
    """An answer, its machine-readable reason, and the agreement's document or the circle's name it rests on.

    `inactive`: what was agreed would hold, but a side is suspended, closed or a draft.
    """

    allowed: bool
    reason: Reason
    because: str = ""


SAME_SYNDIC = Decision(True, "same_syndic")
FIRST_ACCOUNT = Decision(True, "first_account")
DENIED = Decision(False, "denied")
INACTIVE = Decision(False, "inactive")
NOT_TRUSTED = Decision(False, "not_trusted")
