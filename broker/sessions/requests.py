"""Authorization requests that wait for a sign-in. Their handle travels in the address, their values never do."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from broker.sessions.models import AuthorizationRequest
from config import clock, secrets
from config.database import session

KEPT = timedelta(hours=24)


def keep(syndic_id: uuid.UUID, client_pk: uuid.UUID, parameters: dict[str, Any]) -> str:
    """Keep a validated request. Returns its handle."""
    handle, now = secrets.token(), clock.now()
    session().add(
        AuthorizationRequest(
            syndic_id=syndic_id,
            handle_digest=secrets.digest(handle),
            client_id=client_pk,
            parameters=parameters,
            created_at=now,
            expires_at=now + KEPT,
        )
    )
    return handle


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


def finish(waiting: AuthorizationRequest) -> None:
    """It has been answered: once."""
    session().execute(delete(AuthorizationRequest).where(AuthorizationRequest.id == waiting.id))
