"""One event on its way to one endpoint: the signed message to send now, and what operators see of it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from config import clock, outbox, secrets
from config.database import session
from config.errors import NotFound, Unavailable
from config.outbox import Promise
from config.settings import settings
from tenants.syndics.models import Syndic
from tenants.webhooks import endpoints, keys, signatures
from tenants.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookKey
from tenants.webhooks.signatures import Parameters

METHOD = "POST"
CONTENT_TYPE = "application/cloudevents+json"
SHOWN = 100


@dataclass(frozen=True)
class Message:
    """What is sent: a POST to `url` with these headers and this body, signed a moment ago."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class EndpointDisabled(Unavailable):
    """The endpoint takes nothing until somebody enables it."""

    code = "webhook_disabled"


def message(delivery_id: uuid.UUID) -> Message | None:
    """The message of a delivery, signed now; None where its endpoint was removed.

    Raises:
        EndpointDisabled: nothing is sent to it.
        Unavailable: the syndic is suspended, and nobody can fetch the keys that verify the signature.
    """
    row = (
        session()
        .execute(
            select(WebhookEndpoint, WebhookEvent, Syndic.slug, Syndic.status)
            .select_from(WebhookDelivery)
            .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
            .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
            .join(Syndic, Syndic.id == WebhookDelivery.syndic_id)
            .where(WebhookDelivery.id == delivery_id)
        )
        .one_or_none()
    )
    if row is None:
        return None
    endpoint, event, slug, status = row
    if endpoint.status != "active":
        raise EndpointDisabled(f"the webhook {endpoint.public_id} is disabled: {endpoint.disabled_because}")
    if status != "active":
        raise Unavailable(f"the syndic {slug} is not active")
    return _signed(endpoint.url, body(event, slug), keys.signing(event.syndic_id))


def disable_endpoint(delivery_id: uuid.UUID, because: str) -> None:
    """Tell this delivery's endpoint nothing more until somebody enables it."""
    endpoint = session().scalar(
        select(WebhookEndpoint)
        .join(WebhookDelivery, WebhookDelivery.endpoint_id == WebhookEndpoint.id)
        .where(WebhookDelivery.id == delivery_id)
        .with_for_update(of=WebhookEndpoint)
    )
    if endpoint is not None:
        endpoints.disable(endpoint, because)


def body(event: WebhookEvent, slug: str) -> bytes:
    """The event as JSON (CloudEvents 1.0.2, JSON format §3): the same bytes at each send."""
    told: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.public_id,
        "source": f"{settings().base_url}/t/{slug}",
        "type": event.topic,
        "time": event.told_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": event.facts,
    }
    if event.account is not None:
        told["subject"] = event.account
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def described(syndic_id: uuid.UUID, limit: int = SHOWN) -> list[dict[str, Any]]:
    """The newest deliveries of a syndic for operators, newest first.

    `state`: `waiting`, `delivered` or `stuck`; `error`: of the last attempt.
    """
    rows = session().execute(
        select(WebhookEvent, WebhookEndpoint.public_id.label("webhook"), Promise)
        .select_from(WebhookDelivery)
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .join(Promise, Promise.id == WebhookDelivery.promise_id)
        .where(WebhookDelivery.syndic_id == syndic_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    return [_told(event, webhook, promised) for event, webhook, promised in rows]


def retry(syndic_id: uuid.UUID, event: str | None = None) -> int:
    """Send again, from now on, what is stuck: of one event, or all. Returns how many deliveries were freed.

    Raises:
        NotFound: this syndic has no such event, or it is not stuck.
    """
    wanted = (
        select(WebhookDelivery.promise_id)
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.syndic_id == syndic_id)
    )
    if event is not None:
        wanted = wanted.where(WebhookEvent.public_id == event)
    freed = len(outbox.free(session().scalars(wanted).all()))
    if event is not None and not freed:
        raise NotFound(f"no stuck delivery of the event {event}")
    return freed


def _signed(url: str, content: bytes, key: WebhookKey) -> Message:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Digest": signatures.content_digest(content)}
    covered = [("@method", METHOD), ("@target-uri", url)]
    covered += [(name.lower(), value) for name, value in headers.items()]
    parameters = Parameters(clock.now(), key.kid, secrets.token())
    return Message(url, headers | signatures.signed(covered, parameters, keys.private(key)), content)


def _told(event: WebhookEvent, webhook: str, promised: Promise) -> dict[str, Any]:
    state = "delivered" if promised.done_at else "stuck" if promised.stuck_at else "waiting"
    return {
        "event": event.public_id,
        "type": event.topic,
        "time": event.told_at.isoformat(),
        "webhook": webhook,
        "state": state,
        "attempts": promised.attempts,
        "next_try": promised.due_at.isoformat() if state == "waiting" else None,
        "delivered_at": promised.done_at.isoformat() if promised.done_at else None,
        "error": promised.last_error,
    }
