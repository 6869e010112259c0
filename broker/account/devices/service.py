"""Ending sessions, and forgetting browsers: a person's own only, whatever the form says."""

from broker.account.devices.listing import known_handle, session_handle
from broker.account.handles import found
from broker.identities import devices, journal
from broker.identities.models import Identity
from broker.sessions import living
from broker.sessions import service as sessions
from broker.web.network import Caller
from config.database import session

MOST = 1000


def end(person: Identity, wanted: str, caller: Caller) -> None:
    """End one session; its extranets are told. One that has ended already, or is not the person's, is no error."""
    row = found(wanted, ((session_handle(each), each) for each in living.of_identity(person, MOST)))
    if row is not None:
        sessions.end(row)
        journal.note("session.ended", person.id, caller, ended=row.user_agent)


def end_everywhere(person: Identity, caller: Caller) -> None:
    """End every session by raising the epoch: sign-ins, resets and refresh tokens under way end too (SECURITY R2)."""
    session().refresh(person, with_for_update=True)
    person.epoch += 1
    journal.tell("sessions.ended", person, caller)


def forget(person: Identity, wanted: str, caller: Caller) -> None:
    """Know a browser no longer: it has no counter of its own any more."""
    row = found(wanted, ((known_handle(each), each) for each in devices.of_identity(person.id)))
    if row is not None:
        journal.note("device.forgotten", person.id, caller, forgotten=row.user_agent)
        devices.forget(person.id, row.token_digest)
