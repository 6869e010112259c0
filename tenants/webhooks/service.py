"""Telling a syndic what happened at it: what every other service calls, with its own change.

A syndic is told of its own accounts and subjects only, by ids that mean nothing elsewhere, and of nothing that would
show that a person has an account elsewhere. What happens at several syndics at one instant (an erasure) is told to
each at an instant of its own: see `told_at` of `announce`.
"""

import random
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from config import clock, secrets
from config.database import new_id, session
from config.outbox import Wish, promise_all
from tenants.webhooks.endpoints import lane_of
from tenants.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

DELIVER = "webhook.deliver"
TEST = "webhook.test"
LONGEST_DISCRETION = timedelta(days=3)
_chance = random.SystemRandom()


def announce(
    syndic_id: uuid.UUID, topic: str, facts: Mapping[str, Any], key: str, told_at: datetime | None = None
) -> None:
    """Tell the syndic's endpoints that take the topic, in the caller's transaction; the same key once only.

    `facts`: ids and codes, as `docs/webhooks.md` has them for the topic; `account` is the account's public id.
    `told_at`: not before then, and as if it had happened then.
    """
    takers = session().scalars(
        select(WebhookEndpoint).where(WebhookEndpoint.syndic_id == syndic_id, WebhookEndpoint.status == "active")
    )
    wanted = [endpoint for endpoint in takers if topic in endpoint.topics]
    if wanted:
        _tell(wanted, topic, facts, key, told_at or clock.now())


def link_ended(
    syndic_id: uuid.UUID, account: str, sub: str, *, reason: str, key: str, told_at: datetime | None = None
) -> None:
    """Announce that a holder's link to an account has ended. `account`: its public id; `key`: the link's own.

    `reason`: `owner`, `contest`, `erasure` or `closed`; none of them says anything of other syndics.
    """
    facts = {"account": account, "sub": sub, "reason": reason}
    announce(syndic_id, "link.ended", facts, f"link.ended:{key}", told_at)


def discreet_time() -> datetime:
    """An instant within the next three days, by chance: two syndics cannot tell by it that two things are one."""
    return clock.now() + LONGEST_DISCRETION * _chance.random()


def test(endpoint: WebhookEndpoint) -> str:
    """Have the endpoint called with an event that means nothing. Returns the event's id."""
    key = f"{TEST}:{secrets.token()}"
    _tell([endpoint], TEST, {}, key, clock.now())
    made = session().scalars(
        select(WebhookEvent.public_id).where(WebhookEvent.syndic_id == endpoint.syndic_id, WebhookEvent.key == key)
    )
    return made.one()


def _tell(
    endpoints: Iterable[WebhookEndpoint], topic: str, facts: Mapping[str, Any], key: str, told_at: datetime
) -> None:
    syndic_id = next(iter(endpoints)).syndic_id
    row = {"syndic_id": syndic_id, "topic": topic, "facts": dict(facts), "key": key, "told_at": told_at}
    made = session().scalar(
        insert(WebhookEvent)
        .values(id=new_id(), public_id=secrets.token(), account=facts.get("account"), **row)
        .on_conflict_do_nothing(index_elements=["syndic_id", "key"])
        .returning(WebhookEvent.id)
    )
    if made is not None:
        _promise(endpoints, syndic_id, made, facts.get("account"), told_at)


def _promise(
    endpoints: Iterable[WebhookEndpoint],
    syndic_id: uuid.UUID,
    event_id: uuid.UUID,
    account: str | None,
    told_at: datetime,
) -> None:
    """A promise for each endpoint, which waits for the one before it of the same account."""
    before = _before(endpoints, event_id, account, told_at)
    deliveries = {f"{DELIVER}:{event_id}:{each.id}": (new_id(), each) for each in endpoints}
    wishes = {
        key: Wish({"delivery_id": str(delivery_id)}, told_at, lane_of(endpoint), before.get(endpoint.id))
        for key, (delivery_id, endpoint) in deliveries.items()
    }
    made = promise_all(DELIVER, wishes)
    rows = [
        {
            "id": deliveries[key][0],
            "syndic_id": syndic_id,
            "endpoint_id": deliveries[key][1].id,
            "event_id": event_id,
            "promise_id": promise_id,
        }
        for key, promise_id in made.items()
    ]
    session().execute(plain_insert(WebhookDelivery).values(rows))


def _before(
    endpoints: Iterable[WebhookEndpoint], event_id: uuid.UUID, account: str | None, told_at: datetime
) -> dict[uuid.UUID, uuid.UUID]:
    """By endpoint, the promise to tell the event of this account that comes just before this one."""
    if account is None:
        return {}
    rows = session().execute(
        select(WebhookDelivery.endpoint_id, WebhookDelivery.promise_id)
        .ext(distinct_on(WebhookDelivery.endpoint_id))
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.endpoint_id.in_([each.id for each in endpoints]), WebhookEvent.id != event_id)
        .where(WebhookEvent.account == account, WebhookEvent.told_at <= told_at)
        .order_by(WebhookDelivery.endpoint_id, WebhookEvent.told_at.desc(), WebhookEvent.id.desc())
    )
    return {row.endpoint_id: row.promise_id for row in rows}
