"""What an inbox received: messages read as MIME, the last thousand of them, in memory."""

import email
import email.policy
import itertools
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

KEPT = 1000


@dataclass(frozen=True)
class Mail:
    """One message. `to` and `sender` are of the envelope (RFC 5321 §2.3.1), recipients with commas between.

    `text` and `html` are the first parts of these kinds, `text` "" and `html` None where there is none.
    `received_at` has its zone (UTC); `raw` is the message as it came, for whoever looks at headers.
    """

    id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str | None
    received_at: datetime
    raw: bytes


class Mailbox:
    """A thread-safe box of the last thousand messages."""

    def __init__(self) -> None:
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)

    def receive(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Keep one message, whatever it looks like; the oldest leaves a full box."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        with self._changed:
            self._mails.appendleft(
                Mail(
                    id=str(next(self._numbers)),
                    sender=sender,
                    to=", ".join(recipients),
                    subject=str(message["subject"] or ""),
                    text=_part(message, "plain") or "",
                    html=_part(message, "html"),
                    received_at=datetime.now(UTC),
                    raw=raw,
                )
            )
            self._changed.notify_all()

    def messages(self) -> list[Mail]:
        """Newest first."""
        with self._changed:
            return list(self._mails)

    def find(self, mail_id: str) -> Mail | None:
        """The message of that id, if it is still there."""
        return next((mail for mail in self.messages() if mail.id == mail_id), None)

    def clear(self) -> None:
        """Delete every message; ids are not used again."""
        with self._changed:
            self._mails.clear()

    def wait_for(self, count: int, *, to: str | None, timeout: float) -> list[Mail]:
        """At least `count` messages (to the address `to`, if given), newest first.

        Raises:
            TimeoutError: fewer came within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._to(to)) >= count, timeout):
                raise TimeoutError(f"{count} messages to {to or 'anyone'} were awaited, {len(self._to(to))} came")
            return self._to(to)

    def _to(self, address: str | None) -> list[Mail]:
        return [mail for mail in self._mails if address is None or address in mail.to.split(", ")]


def _part(message: EmailMessage, subtype: str) -> str | None:
    part = message.get_body((subtype,))
    if part is None:
        return None
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):
        # A charset that nobody knows, or a broken transfer encoding: shown as far as it can be read.
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
