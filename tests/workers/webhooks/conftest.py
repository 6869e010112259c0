"""A syndic with a server that listens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from config import clock
from config.database import session, transaction
from config.outbox import Promise
from tenants.syndics import service as syndics
from tenants.webhooks import deliveries, endpoints, service
from tenants.webhooks.models import TOPICS
from tests.workers.webhooks.consumer import Consumer, consuming
from tests.world import TestSyndic, World
from workers import outbox

TOPIC = "webhook.deliver"


@dataclass
class Listening:
    """A syndic, its server, and what operators and the broker's services do about it."""

    world: World
    syndic: TestSyndic
    consumer: Consumer
    webhook: str

    @property
    def syndic_id(self) -> UUID:
        """Its key."""
        return syndics.get(self.syndic.slug).id

    def announce(
        self, account: str = "account-1", topic: str = "association.confirmed", key: str = "", **facts: Any
    ) -> None:
        """A service announces something of an account."""
        told = {"account": account, "sub": "sub-1", **facts}
        with transaction():
            service.announce(self.syndic_id, topic, told, key or f"{topic}:{account}:{clock.now().timestamp()}")

    def state(self) -> str:
        """Of the newest delivery, as operators see it."""
        return str(self.described()[0]["state"])

    def deliver(self) -> None:
        """Let the workers tell what is due."""
        outbox.drain(TOPIC)

    def wait(self, **by: float) -> None:
        """Move the clock on."""
        clock.shift(clock.now() - datetime.now(UTC) + timedelta(**by))

    def described(self) -> list[dict[str, Any]]:
        """What operators see of the deliveries, newest first."""
        session().expire_all()
        return deliveries.described(self.syndic_id)

    def remove(self) -> None:
        """What `webhook remove` does."""
        with transaction():
            endpoints.remove(endpoints.get(self.syndic_id, self.webhook))


def listen(world: World, consumer: Consumer, syndic: TestSyndic | None = None, *topics: str) -> Listening:
    """Register the consumer at a syndic."""
    syndic = syndic or world.syndic()
    with transaction():
        made = endpoints.add(syndics.get(syndic.slug).id, "Extranet", consumer.url, topics or TOPICS)
        return Listening(world, syndic, consumer, made.public_id)


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with consuming() as made:
        yield made


@pytest.fixture
def listening(world: World, consumer: Consumer) -> Listening:
    return listen(world, consumer)


def open_promises() -> list[Promise]:
    """What waits to be told."""
    session().expire_all()
    return [each for each in session().query(Promise).filter_by(topic=TOPIC) if each.done_at is None]
