"""The terms that a sign-in waits for: asked when a session begins, never on the silent way (JOURNEYS B5)."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from broker.identities.models import Link
from broker.sessions.models import LoginSession, SessionOrigin
from config.database import session
from tenants.terms import renewal
from tenants.terms.renewal import Due, Party, Person


@dataclass(frozen=True)
class Asked:
    """Who is asked, and whose terms count at the place of the sign-in."""

    person: Person
    parties: frozenset[Party]


def asked_at(identity_id: uuid.UUID, origin: uuid.UUID | None) -> bool:
    """Whether a sign-in at this syndic, or (None) at the portal, must first accept new terms."""
    asked = _asked(identity_id, origin)
    return renewal.is_due(asked.person, asked.parties)


def due(waiting: LoginSession, locale: str) -> list[Due]:
    """The texts that this session waits for, in that language, the platform's first."""
    asked = _of(waiting)
    return renewal.due(asked.person, asked.parties, locale)


def accept(waiting: LoginSession, email: str, texts: list[Due], network: str) -> None:
    """Keep the acceptance, and let the session go on."""
    release(waiting)
    renewal.accept(_of(waiting).person, email, [each.text for each in texts], network)


def release(waiting: LoginSession) -> None:
    """Let the session go on: nothing is left to be accepted."""
    waiting.terms_due = False
    session().flush()


def locked(waiting: LoginSession) -> None:
    """Hold the session: of two tabs that accept at once, the second finds it released."""
    session().refresh(waiting, with_for_update=True)


def origin_of(waiting: LoginSession) -> uuid.UUID | None:
    """Where the session was authenticated last: a syndic, or (None) the portal."""
    newest = select(SessionOrigin.syndic_id).where(SessionOrigin.session_id == waiting.id)
    return session().scalar(newest.order_by(SessionOrigin.authenticated_at.desc()).limit(1))


def _of(waiting: LoginSession) -> Asked:
    assert waiting.identity_id is not None  # noqa: S101 - only an identity's session waits for terms
    return _asked(waiting.identity_id, origin_of(waiting))


def _asked(identity_id: uuid.UUID, origin: uuid.UUID | None) -> Asked:
    """The platform's terms count everywhere; a syndic's where the person holds an account: there, and at the portal."""
    rows = session().execute(
        select(Link.association_id, Link.syndic_id, Link.state).where(Link.identity_id == identity_id)
    )
    ties = rows.all()
    held = {syndic_id for _, syndic_id, state in ties if state == "active"}
    here = held if origin is None else held & {origin}
    attempts = frozenset(attempt for attempt, _, _ in ties)
    return Asked(Person(identity_id, attempts), frozenset({None, *here}))
