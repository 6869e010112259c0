"""Authorization requests that wait for a sign-in. Their handle travels in the address, their values never do."""

import uuid
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import select, update

from broker.sessions.models import AuthorizationRequest
from config import clock, secrets
from config.database import session

KEPT = timedelta(hours=24)


def keep(syndic_id: uuid.UUID, client_pk: uuid.UUID, parameters: dict[str, Any]) -> str:
    """Keep a validated request. Returns its handle."""
    return _add(syndic_id, client_pk, parameters, KEPT, pushed=False)


def push(syndic_id: uuid.UUID, client_pk: uuid.UUID, parameters: dict[str, Any], life_s: int) -> str:
    """Keep a validated request until the browser comes with its handle (RFC 9126)."""
    return _add(syndic_id, client_pk, parameters, timedelta(seconds=life_s), pushed=True)


def find(syndic_id: uuid.UUID, handle: str | None) -> AuthorizationRequest | None:
    """The request of this handle at this syndic, if it still waits."""
    if not handle:
        return None
    return session().scalar(
        select(AuthorizationRequest).where(
            AuthorizationRequest.syndic_id == syndic_id,
            AuthorizationRequest.handle_digest == secrets.digest(handle),
            AuthorizationRequest.expires_at > clock.now(),
        )
    )


def find_pushed(syndic_id: uuid.UUID, client_pk: uuid.UUID, handle: str) -> AuthorizationRequest | None:
    """The pushed request of this handle, if it is this client's."""
    found = find(syndic_id, handle)
    return found if found is not None and found.pushed and found.client_id == client_pk else None


def wait(syndic_id: uuid.UUID, handle: str) -> None:
    """A request that was pushed for a moment now waits for a person: for longer, and from now on."""
    now = clock.now()
    session().execute(
        update(AuthorizationRequest)
        .where(
            AuthorizationRequest.syndic_id == syndic_id,
            AuthorizationRequest.handle_digest == secrets.digest(handle),
            AuthorizationRequest.pushed,
            AuthorizationRequest.expires_at < now + KEPT - timedelta(hours=1),
        )
        .values(created_at=now, expires_at=now + KEPT)
    )


def answered(syndic_id: uuid.UUID, handle: str, parameters: dict[str, Any]) -> None:
    """The person has answered a question of this request: keep it with the answer."""
    session().execute(
        update(AuthorizationRequest)
        .where(
            AuthorizationRequest.syndic_id == syndic_id,
            AuthorizationRequest.handle_digest == secrets.digest(handle),
        )
        .values(parameters=parameters)
    )


def finish(sql: psycopg.Cursor[dict[str, Any]], handle: str) -> bool:
    """Take the request away before it is answered. False: it has been answered already."""
    gone = sql.execute(
        "DELETE FROM authorization_requests WHERE handle_digest = %s RETURNING id", (secrets.digest(handle),)
    )
    return gone.fetchone() is not None


def _add(
    syndic_id: uuid.UUID, client_pk: uuid.UUID, parameters: dict[str, Any], life: timedelta, *, pushed: bool
) -> str:
    handle, now = secrets.token(), clock.now()
    session().add(
        AuthorizationRequest(
            syndic_id=syndic_id,
            handle_digest=secrets.digest(handle),
            client_id=client_pk,
            parameters=parameters,
            pushed=pushed,
            created_at=now,
            expires_at=now + life,
        )
    )
    return handle
