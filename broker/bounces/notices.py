"""Notices about a mail: that it could not be delivered (RFC 3464), or that its reader complained (RFC 5965).

A notice counts by the signed return path that it came to, and by nothing else that it says: its sender, its subject
and the addresses in it can be written by anybody.
"""

import email
import re
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32
from uuid import UUID

from config.logging import ADDRESS, log
from config.mail import return_path

LARGEST = 1024 * 1024
"""Bytes of a notice; whatever is larger is none."""
CAME_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
"""Where a mailbox writes down to which address a message came."""
PERMANENT = re.compile(r"\s*5\.(\d{1,3})\.(\d{1,3})(?!\d)")
INSIDE = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
SAID_LENGTH = 300
NOT_THE_MAILBOX = {"3", "6", "7"}
"""Subjects of RFC 3463 that are about systems, texts and policies: a block list says nothing of the mailbox."""
FULL_OR_TOO_LONG = {("2", "2"), ("2", "3")}
_log = log("mail")


@dataclass(frozen=True)
class Bounce:
    """That a mail has not been delivered, for good. `mailbox`: because there is no such mailbox (any more)."""

    mail_id: UUID
    said: str
    mailbox: bool


@dataclass(frozen=True)
class Complaint:
    """That its reader has reported a mail as unwanted."""

    mail_id: UUID


def read(raw: bytes, came_to: str = "") -> Bounce | Complaint | None:
    """What a message tells of one of our mails; None for everything else: delays, answers, forgeries, rubbish.

    `came_to` is the envelope's recipient, where whoever hands the message over knows it.
    """
    if len(raw) > LARGEST:
        return None
    try:
        message = email.message_from_bytes(raw, policy=compat32)
        return _bounce(message, came_to) or _complaint(message, came_to)
    except Exception as error:  # the library's parser meets what strangers send, and some of that trips it
        _log.warning("notice_unreadable", kind=type(error).__name__)
        return None


def _bounce(message: Message, came_to: str) -> Bounce | None:
    fields = [block for block in _report(message, "message/delivery-status") if "Action" in block]
    mail_id = _mail(_addresses(message, came_to))
    if mail_id is None or not fields or not all(_is_permanent(each) for each in fields):
        return None
    status, said = _text(fields[0], "Status"), _text(fields[0], "Diagnostic-Code")
    told = ADDRESS.sub("…@…", " ".join(f"{status} {said}".split()))[:SAID_LENGTH]
    return Bounce(mail_id, told, mailbox=all(_is_about_mailbox(each) for each in fields))


def _complaint(message: Message, came_to: str) -> Complaint | None:
    inner = _report(message, "message/feedback-report")
    if len(inner) != 1 or _text(inner[0], "Feedback-Type").lower() != "abuse":
        return None
    mail_id = _mail([*_addresses(message, came_to), _text(inner[0], "Original-Mail-From")])
    return Complaint(mail_id) if mail_id is not None else None


def _report(message: Message, kind: str) -> list[Message]:
    """The blocks of fields of a report, where the message is one, not where something like it is quoted in it."""
    if message.get_content_type() != "multipart/report":
        return []
    return next((_parts(part) for part in _parts(message) if part.get_content_type() == kind), [])


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _addresses(message: Message, came_to: str) -> list[str]:
    return [came_to, *(str(value) for name in CAME_TO for value in message.get_all(name, []))]


def _mail(texts: list[str]) -> UUID | None:
    """The one mail whose return path stands there."""
    found = return_path.mails_in("\n".join(texts))
    return found.pop() if len(found) == 1 else None


def _is_permanent(fields: Message) -> bool:
    """RFC 3464 §2.3.3 and §2.3.4: `failed` for this recipient, and for good."""
    return _text(fields, "Action").lower() == "failed" and PERMANENT.match(_text(fields, "Status")) is not None


def _is_about_mailbox(fields: Message) -> bool:
    """Whether the mailbox is gone. Where the status says no more than « failed » (5.0.0), the server's reply may."""
    found = PERMANENT.match(_text(fields, "Status"))
    if found and found[1] == "0":
        found = INSIDE.search(_text(fields, "Diagnostic-Code")) or found
    return found is not None and found[1] not in NOT_THE_MAILBOX and (found[1], found[2]) not in FULL_OR_TOO_LONG


def _text(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip()
