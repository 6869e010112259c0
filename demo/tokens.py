"""What a sign-in may ask the broker with, later on: kept by the extranet's server, and never seen by a browser."""

import threading
import time
from collections.abc import Callable
from typing import Any

SOON = 10  # seconds

Answer = dict[str, Any]
"""Of the token endpoint (RFC 6749 §5.1)."""


class Tokens:
    """The tokens of one sign-in. One thread at a time renews them: a refresh token serves once."""

    def __init__(self, answer: Answer) -> None:
        self._lock = threading.Lock()
        self._refresh = ""
        self._keep(answer)

    def access(self, renew: Callable[[str], Answer]) -> str:
        """An access token; `renew` is asked for new ones, by the refresh token, where it has expired or will soon."""
        with self._lock:
            if self._refresh and time.monotonic() > self._until - SOON:
                self._keep(renew(self._refresh))
            return self._access

    def _keep(self, answer: Answer) -> None:
        self._access = str(answer["access_token"])
        self._until = time.monotonic() + float(answer.get("expires_in", 0))
        self._refresh = str(answer.get("refresh_token", self._refresh))
