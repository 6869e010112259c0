"""A person's living sessions, in all their browsers, and which extranets each has opened."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from broker.identities.models import Identity
from broker.sessions.models import ClientSession, LoginSession
from config import clock
from config.database import session
from tenants.clients.models import Client


def of_identity(person: Identity, limit: int) -> list[LoginSession]:
    """The living sessions of a person, the last seen first; the same rules as `service.living`."""
    now = clock.now()
    idle_until = LoginSession.seen_at + func.make_interval(0, 0, 0, 0, 0, 0, LoginSession.idle_s)
    return list(
        session().scalars(
            select(LoginSession)
            .where(
                LoginSession.identity_id == person.id,
                LoginSession.identity_epoch == person.epoch,
                LoginSession.ended_at.is_(None),
                LoginSession.expires_at > now,
                idle_until > now,
            )
            .order_by(LoginSession.seen_at.desc(), LoginSession.id)
            .limit(limit)
        )
    )


def extranets(found: Sequence[LoginSession]) -> dict[uuid.UUID, list[str]]:
    """The names of the extranets that each session has opened, by session, in one statement."""
    rows = session().execute(
        select(ClientSession.session_id, func.array_agg(Client.client_name.distinct()))
        .join(Client, Client.id == ClientSession.client_id)
        .where(ClientSession.session_id.in_([each.id for each in found]))
        .group_by(ClientSession.session_id)
    )
    return {session_id: sorted(names) for session_id, names in rows}
