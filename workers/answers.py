"""What another server's answer means for what we told it: taken, to be told again, or trouble on the whole lane."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

from config import clock
from config.outgoing.transport import Answer, UnusableAnswer, exchange
from workers.outcomes import Unreachable

IN_TROUBLE = (429, 502, 503, 504)
"""The host itself says that it, or what stands behind it, cannot take anything now (RFC 9110 §15.6, RFC 6585 §4)."""


def answer_of(client: httpx2.Client, request: httpx2.Request, who: str) -> Answer:
    """Send a request. `who` answers, in words for operators.

    Raises:
        Unreachable: no usable answer, or one that says so of itself.
    """
    try:
        answer = exchange(client, request)
    except UnusableAnswer as error:
        raise Unreachable(str(error)) from error
    if answer.status in IN_TROUBLE:
        raise Unreachable(f"{who} answers {answer.status}", leave_for=retry_after(answer.headers))
    return answer


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the other side asks to be left alone (RFC 9110 §10.2.3): seconds, or a date; None: it does not say."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 10**6))
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(timedelta(), _aware(until) - clock.now())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
