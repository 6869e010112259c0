"""A syndic's endpoints: registered, disabled and enabled, removed. Every act is in the syndic's evidence ledger."""

import uuid
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import httpx2
from sqlalchemy import select, update

from config import clock
from config.database import session
from config.outbox import Lane, Promise, lane_to
from config.outgoing.addresses import refuse_unusable
from tenants.audit import service as audit
from tenants.syndics.models import Syndic
from tenants.webhooks import keys
from tenants.webhooks.models import TOPICS, WebhookDelivery, WebhookEndpoint
from tenants.webhooks.refusals import BadEndpoint, TooManyEndpoints, UnknownEndpoint

MOST = 5
LONGEST_NAME = 80
LONGEST_URL = 500
PURPOSE = "webhook"


def add(syndic_id: uuid.UUID, name: str, url: str, topics: Collection[str] = TOPICS) -> WebhookEndpoint:
    """Register an address that is told of these topics from now on. The first one makes the syndic's signing key.

    Raises:
        BadEndpoint: a name, address or topic that cannot be taken, or an address that is registered already.
        TooManyEndpoints: the syndic has `MOST` of them.
    """
    session().execute(select(Syndic.id).where(Syndic.id == syndic_id).with_for_update(key_share=True))
    _refuse_bad(name, url, topics)
    others = every(syndic_id)
    if any(other.url == url for other in others):
        raise BadEndpoint("this address is registered already")
    if len(others) >= MOST:
        raise TooManyEndpoints(f"a syndic has {MOST} webhooks at most: remove one first")
    made = WebhookEndpoint(syndic_id=syndic_id, name=name, url=url, topics=sorted(set(topics)), created_at=clock.now())
    session().add(made)
    session().flush()
    keys.first(syndic_id)
    _record("added", made, {"topics": made.topics})
    return made


def every(syndic_id: uuid.UUID) -> list[WebhookEndpoint]:
    """A syndic's endpoints, oldest first."""
    wanted = select(WebhookEndpoint).where(WebhookEndpoint.syndic_id == syndic_id).order_by(WebhookEndpoint.id)
    return list(session().scalars(wanted))


def get(syndic_id: uuid.UUID, public_id: str) -> WebhookEndpoint:
    """A syndic's endpoint.

    Raises:
        UnknownEndpoint: there is none, or it is another syndic's.
    """
    wanted = (WebhookEndpoint.syndic_id == syndic_id, WebhookEndpoint.public_id == public_id)
    found = session().scalar(select(WebhookEndpoint).where(*wanted))
    if found is None:
        raise UnknownEndpoint(f"this syndic has no webhook {public_id!r}")
    return found


def remove(endpoint: WebhookEndpoint) -> None:
    """Forget an endpoint, and whatever it was still to be told."""
    wanted = select(WebhookDelivery.promise_id).where(WebhookDelivery.endpoint_id == endpoint.id)
    ended = update(Promise).where(Promise.id.in_(wanted), Promise.done_at.is_(None))
    values = {"done_at": clock.now(), "result": {"delivered": False}, "leased_until": None}
    session().execute(ended.values(**values).execution_options(synchronize_session=False))
    _record("removed", endpoint, {})
    session().delete(endpoint)
    session().flush()


def disable(endpoint: WebhookEndpoint, because: str) -> None:
    """Tell it nothing more until it is enabled again; a second time changes nothing."""
    if endpoint.status == "disabled":
        return
    endpoint.status, endpoint.disabled_because = "disabled", because
    session().flush()
    _record("disabled", endpoint, {"because": because})


def enable(endpoint: WebhookEndpoint) -> None:
    """Tell it again, from now on; a second time changes nothing."""
    if endpoint.status == "active":
        return
    endpoint.status, endpoint.disabled_because = "active", None
    session().flush()
    _record("enabled", endpoint, {})


def lane_of(endpoint: WebhookEndpoint) -> str:
    """The lane to its host (`config.outbox.lane_to`)."""
    return lane_to(PURPOSE, endpoint.syndic_id, endpoint.url)


def described(syndic_id: uuid.UUID) -> list[dict[str, Any]]:
    """A syndic's endpoints for operators. `left_alone_until`: its host gives no answer, and is not called before."""
    found, now = every(syndic_id), clock.now()
    lanes = select(Lane.name, Lane.open_until).where(Lane.name.in_([lane_of(each) for each in found]))
    rests = {row.name: row.open_until for row in session().execute(lanes.where(Lane.open_until > now))}
    return [
        {
            "id": each.public_id,
            "name": each.name,
            "url": each.url,
            "topics": each.topics,
            "status": each.status,
            "disabled_because": each.disabled_because,
            "left_alone_until": rests[lane_of(each)].isoformat() if lane_of(each) in rests else None,
        }
        for each in found
    ]


def _refuse_bad(name: str, url: str, topics: Collection[str]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadEndpoint(f"a name of one to {LONGEST_NAME} printable characters is needed")
    unknown = set(topics) - set(TOPICS)
    if unknown or not topics:
        raise BadEndpoint(f"unknown topics {sorted(unknown)}: there are {', '.join(TOPICS)}")
    try:
        _refuse_bad_url(url)
    except (ValueError, httpx2.InvalidURL) as error:
        raise BadEndpoint(f"the address is not usable: {error}") from error


def _refuse_bad_url(url: str) -> None:
    """It is signed to the letter as it is called, so there may be one way only to write it (RFC 9421 §2.2.2)."""
    if len(url) > LONGEST_URL:
        raise ValueError(f"it is longer than {LONGEST_URL} characters")
    refuse_unusable(url)
    if "?" in url or "#" in url:
        raise ValueError("it must hold no user, query or fragment")
    written = str(httpx2.URL(url if urlsplit(url).path else f"{url}/"))
    if written != url:
        raise ValueError(f"write it as {written}")


def _record(act: str, endpoint: WebhookEndpoint, more: dict[str, Any]) -> None:
    body = {"webhook": endpoint.public_id, "url": endpoint.url, **more}
    audit.append(endpoint.syndic_id, f"webhook.{act}", body)
