"""The security journal: what happened to a person's access, for the person to read and the platform to look into.

A plain table, kept twelve months (CNIL 2021-122); evidence is the ledger's. Values are for people's eyes: no secret,
no full address of a caller.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from broker.identities import attempts
from broker.identities.models import Identity, SecurityEvent
from broker.web.network import Caller
from config import clock, telemetry
from config.database import session
from config.mail.service import post

NOTICE = "account_notice"


def note(
    kind: str, identity_id: uuid.UUID, caller: Caller | None, syndic_id: uuid.UUID | None = None, **details: Any
) -> SecurityEvent:
    """Write down what happened to a person's access, in the caller's transaction. `caller`: None for a worker."""
    return _add(kind, caller, identity_id=identity_id, syndic_id=syndic_id, details=details)


def note_name(kind: str, name: bytes, caller: Caller | None, syndic_id: uuid.UUID | None = None) -> None:
    """The same for a submitted name (`attempts.Name.key`), whether or not anybody bears it (SECURITY R10)."""
    _add(kind, caller, name=name, syndic_id=syndic_id, details={})


def tell(
    kind: str, identity: Identity, caller: Caller | None, syndic_id: uuid.UUID | None = None, **details: Any
) -> None:
    """Write it down and send a mail about it to the person's address.

    What the mail says of each kind stands in `workers.mail.notices`.
    """
    event = note(kind, identity.id, caller, syndic_id, **details)
    session().flush()
    post(identity.email, NOTICE, event.id, identity.locale, str(event.id))


def of_identity(identity: Identity, *, before: uuid.UUID | None = None, limit: int = 50) -> list[SecurityEvent]:
    """A person's events, newest first; `before` is the id of the last one of the page before."""
    mine = or_(SecurityEvent.identity_id == identity.id, SecurityEvent.name == attempts.of_email(identity.email).key)
    wanted = select(SecurityEvent).where(mine).order_by(SecurityEvent.id.desc()).limit(limit)
    return list(session().scalars(wanted.where(SecurityEvent.id < before) if before else wanted))


@dataclass(frozen=True)
class Noticed:
    """What the mail about an event needs to know."""

    kind: str
    recorded_at: datetime
    locale: str


def noticed(event_id: uuid.UUID) -> Noticed | None:
    """The event that a mail tells of; None once it, or the person, is gone."""
    event = session().get(SecurityEvent, event_id)
    person = session().get(Identity, event.identity_id) if event else None
    return Noticed(event.kind, event.recorded_at, person.locale) if event and person else None


def _add(kind: str, caller: Caller | None, **values: Any) -> SecurityEvent:
    where = caller or Caller("", "")
    event = SecurityEvent(
        kind=kind, recorded_at=clock.now(), user_agent=where.user_agent, network=where.network, **values
    )
    session().add(event)
    telemetry.flow(kind)
    return event
