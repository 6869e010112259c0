"""What the queue's library leaves undone when its server goes away while tasks are at work.

A task that has ended is acknowledged. Where the server is gone at that instant, kombu (5.7, `transport.redis`) raises
before it frees the place of that message, and celery logs it. A worker whose places are all taken so reads nothing any
more, not even that its connection is lost: it would sit there, alive and deaf, until somebody restarts it.
"""

from typing import Any

from kombu.transport import redis, virtual


class FreeingQoS(redis.QoS):
    """Frees the place of a message also where nobody can be told that it is done.

    The server shows such a message again after the visibility timeout, and a hint that comes twice does no harm.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge; the error is the caller's, the place is free."""
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # the same
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # the same
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """The same for a message that is not to be done."""
        try:
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]  # the same
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # the same
            raise


def install(**_: Any) -> None:
    """Let this process's connections to the queue free their places."""
    redis.Channel.QoS = FreeingQoS
