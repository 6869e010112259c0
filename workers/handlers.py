"""Which function keeps the promises of which topic, and how often it may fail before a person must look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workers import legacy, logout
from workers.mail import sending
from workers.outcomes import GiveUp

Handler = Callable[[dict[str, Any], str], dict[str, Any]]
"""(payload, idempotency key) -> result. What it leaves uncommitted commits with the promise's done mark."""


@dataclass(frozen=True)
class Topic:
    """A topic's handler, and after how many failed attempts its promise is stuck."""

    act: Handler
    limit: int


_topics = {
    "mail.send": Topic(sending.send, limit=sending.TRIES),
    "legacy.disable": Topic(legacy.disable, limit=40),
    "legacy.reissue": Topic(legacy.reissue, limit=40),
    "logout.backchannel": Topic(logout.tell, limit=135),  # a day of trying: later it ends nothing that still lives
}


def register(name: str, act: Handler, limit: int) -> None:
    """Let `act` keep the promises of the topic `name`."""
    _topics[name] = Topic(act, limit)


def topic(name: str) -> Topic:
    """The topic's handler.

    Raises:
        GiveUp: nothing keeps promises of this name.
    """
    try:
        return _topics[name]
    except KeyError:
        raise GiveUp(f"no handler for the topic {name}") from None
