"""Which function keeps the promises of which topic, and how often it may fail before a person must look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workers import admissions, legacy, logout, probing, reminders, webhooks
from workers.mail import sending
from workers.outcomes import GiveUp

Handler = Callable[[dict[str, Any], str], dict[str, Any]]
"""(payload, idempotency key) -> result. What it leaves uncommitted commits with the promise's done mark."""


@dataclass(frozen=True)
class Topic:
    """A topic's handler, and when its promise is stuck: after so many failed attempts, or after so long a wait.

    `patience` is counted from when the promise was first due. None: only attempts count.
    """

    act: Handler
    limit: int
    patience: timedelta | None = None


_topics = {
    "mail.send": Topic(sending.send, limit=sending.TRIES),
    "trust.tell": Topic(admissions.tell, limit=20),
    "trust.notice": Topic(admissions.notify, limit=20),
    "legacy.disable": Topic(legacy.disable, limit=40),
    "legacy.reissue": Topic(legacy.reissue, limit=40),
    "legacy.probe": Topic(probing.probe, limit=200, patience=timedelta(days=1)),
    "logout.backchannel": Topic(logout.tell, 135, timedelta(days=1)),  # later it ends nothing that still lives
    "webhook.deliver": Topic(webhooks.deliver, 400, timedelta(days=3)),
    "association.remind": Topic(reminders.remind, limit=2000),  # until the deadline has passed
    "identity.erased": Topic(webhooks.tell_of_erasure, limit=20),
}


def register(name: str, act: Handler, limit: int, patience: timedelta | None = None) -> None:
    """Let `act` keep the promises of the topic `name`."""
    _topics[name] = Topic(act, limit, patience)


def knows(name: str) -> bool:
    """Whether this program keeps promises of that name. While the service is upgraded, a newer one may be promising."""
    return name in _topics


def topic(name: str) -> Topic:
    """The topic's handler.

    Raises:
        GiveUp: nothing keeps promises of this name.
    """
    try:
        return _topics[name]
    except KeyError:
        raise GiveUp(f"no handler for the topic {name}") from None
