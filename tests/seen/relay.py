"""The operator's own mail server: takes what it is told to take, and hands it on to the inbox."""

import asyncio
import smtplib
from typing import Any

from tests.workers.post_office import PostOffice


class Relay(PostOffice):
    """A post office that hands on what it has taken."""

    def __init__(self, onward: int) -> None:
        super().__init__()
        self._onward = onward

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd names it
        reply = await super().handle_DATA(server, session, envelope)
        if reply.startswith("250"):
            await asyncio.to_thread(self._hand_on, envelope.mail_from, list(envelope.rcpt_tos), envelope.content)
        return reply

    def _hand_on(self, sender: str, recipients: list[str], content: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self._onward) as smtp:
            smtp.sendmail(sender, recipients, content)
