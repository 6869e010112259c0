"""Tells syndics' servers what happened (docs/webhooks.md): signed, one after the other, until they have taken it."""

import os
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx2

from config.database import transaction
from config.logging import log
from config.outgoing.transport import make_client
from tenants.webhooks import deliveries, keys, service
from workers.alone import WEBHOOK_KEYS, is_alone
from workers.answers import answer_of
from workers.outcomes import GiveUp, Retry

logger = log("webhooks")

TIMEOUT_S = 5.0
GONE, TIMED_OUT = 410, 408
REFUSALS = 10
"""An endpoint that refuses an event so often, for a quarter of an hour, will refuse it tomorrow too."""
ROTATED = 50


@lru_cache(maxsize=1)
def client() -> httpx2.Client:
    """The client of this process for webhooks."""
    return make_client(timeout_s=TIMEOUT_S)


os.register_at_fork(after_in_child=client.cache_clear)


def deliver(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Keep a promise of `webhook.deliver`: `{"delivery_id"}`, a UUID as text.

    The endpoint is called with no transaction open; each call has a signature of its own, and the event its own id.
    Returns `{"delivered": bool}`: false where the endpoint was removed.

    Raises:
        Unreachable: no answer, or one that says to come back later.
        Retry: an answer that is none of 2xx.
        GiveUp: the endpoint is disabled, by an operator or by its own 410.
    """
    delivery_id = UUID(payload["delivery_id"])
    try:
        with transaction():
            message = deliveries.message(delivery_id)
    except deliveries.EndpointDisabled as error:
        raise GiveUp(error.private) from error
    if message is None:
        return {"delivered": False}
    request = client().build_request("POST", message.url, content=message.body, headers=dict(message.headers))
    status = answer_of(client(), request, "the webhook").status
    if status == GONE:
        _disable(delivery_id)
    if not 200 <= status < 300:
        raise Retry(f"the webhook answers {status}", limit=None if _may_pass(status) else REFUSALS)
    return {"delivered": True, "status": status}


def tell_of_erasure(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep a promise of `identity.erased`: `{"syndic_id", "subjects"}`, a UUID as text and this syndic's own subjects.

    Its time has come: it was promised for an instant that tells nothing. Returns `{"announced": True}`.
    """
    service.announce(UUID(payload["syndic_id"]), "identity.erased", {"subjects": payload["subjects"]}, key)
    return {"announced": True}


def rotate_keys() -> None:
    """Let webhook keys follow one another, and erase those that have served: a bounded batch, one process at a time."""
    with transaction() as work:
        if is_alone(work, WEBHOOK_KEYS):
            for syndic_id in keys.due_to_rotate(ROTATED):
                keys.rotate(syndic_id)
    with transaction() as work:
        if is_alone(work, WEBHOOK_KEYS):
            for syndic_id in keys.due_to_tidy(ROTATED):
                keys.tidy(syndic_id)


def _disable(delivery_id: UUID) -> None:
    """The endpoint says that it is gone for good (RFC 9110 §15.5.11). Committed now, whatever becomes of the promise.

    Raises:
        GiveUp: always.
    """
    with transaction():
        deliveries.disable_endpoint(delivery_id, "it answered 410")
    logger.warning("webhook_disabled", delivery=str(delivery_id))
    raise GiveUp("the webhook answers 410: it is disabled")


def _may_pass(status: int) -> bool:
    return status >= 500 or status == TIMED_OUT
