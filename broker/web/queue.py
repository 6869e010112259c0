"""The web process's hint to the workers. Redis may be dead: a hint is dropped then, and the sweep finds the promise."""

from functools import lru_cache
from typing import Any

from config.logging import log

TASK = "trousseau.wake"
PATIENCE_S = 0.5
_log = log("queue")


def wake(url: str, topic: str) -> None:
    """Send the hint for a topic, and never let a dead queue be felt by the person who waits for an answer."""
    try:
        _sender(url).send_task(TASK, (topic,), retry=False, ignore_result=True)
    except Exception as error:  # whatever is wrong with the queue, the promise stands in the database
        _log.warning("queue_unreachable", kind=type(error).__name__, topic=topic)


@lru_cache(maxsize=4)
def _sender(url: str) -> Any:
    from celery import Celery

    sender = Celery("trousseau-web", broker=url, set_as_current=False)
    sender.conf.update(
        broker_connection_retry=False,
        broker_connection_timeout=PATIENCE_S,
        broker_transport_options={
            "socket_connect_timeout": PATIENCE_S,
            "socket_timeout": PATIENCE_S,
            "max_retries": 0,
        },
        task_ignore_result=True,
        task_serializer="json",
    )
    return sender
