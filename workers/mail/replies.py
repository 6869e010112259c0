"""What a server's reply to one mail means: taken, not now, or never (RFC 5321 §4.2.1, RFC 3463)."""

import re
from enum import Enum

ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")


class Step(Enum):
    """What was being asked of the server."""

    RECIPIENT = "RCPT"
    TEXT = "DATA"


class Meaning(Enum):
    """What to do with the mail."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"


ABOUT_US = {500, 502, 503, 504, 530, 534, 535, 538, 555}
"""The server does not understand us, or does not let us in (RFC 5321 §4.2.2, RFC 4954 §6): a setting to put right."""
FULL = 552
"""To a recipient it is to be read as 452 (RFC 5321 §4.5.3.1.10), and else it says that the mailbox is full."""
NOT_THE_ADDRESS = {("1", "7"), ("1", "8"), ("2", "2")}
"""The sender's address is at fault (RFC 3463 §3.2); the mailbox is full, and its owner may empty it (§3.3)."""
SYSTEM, PROTOCOL, POLICY = "3", "5", "7"


def meaning(step: Step, code: int, text: str) -> Meaning:
    """What the reply says of the mail. Whatever is not about the address or the text must not lose the mail."""
    if 200 <= code <= 299:
        return Meaning.TAKEN
    if not 500 <= code <= 599 or code in ABOUT_US or code == FULL:
        return Meaning.LATER
    found = ENHANCED.match(text)
    return Meaning.LATER if found and _is_not_final(step, found[1], found[2]) else Meaning.NEVER


def _is_not_final(step: Step, subject: str, detail: str) -> bool:
    """Before it has seen a text, policy (5.7.x) refuses the sender: relaying denied, a block list."""
    if (subject, detail) in NOT_THE_ADDRESS or subject in (SYSTEM, PROTOCOL):
        return True
    return subject == POLICY and step is Step.RECIPIENT
