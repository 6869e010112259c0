"""The address that a syndic's login page already holds: only one that this syndic may know (docs/decisions/0026).

Whoever is signed in in this browser by an agency that this one does not trust must sign in again here. The page is
this syndic's: it shows the address only to a syndic that the person lets see it, or where the person has typed it on
its own page in this very session.
"""

from broker.identities import releases
from broker.identities import service as identities
from broker.identities.models import Identity
from broker.sessions import browser
from broker.sessions import service as sessions
from broker.sessions.models import AuthorizationRequest, LoginSession
from tenants.clients.pictures import RegisteredSyndic


def at(syndic: RegisteredSyndic, waiting: AuthorizationRequest | None) -> str:
    """The address of the person who is signed in in this browser, or an empty string.

    Empty too where another sign-in is asked for (`prompt=login`): it may be one with printed codes.
    """
    found = browser.identity_session()
    if found is None or waiting is None or "login" in str(waiting.parameters.get("prompt", "")).split():
        return ""
    person = identities.by_id(found.identity_id) if found.identity_id else None
    return person.email_typed if person is not None and _may_know(syndic, found, person) else ""


def _may_know(syndic: RegisteredSyndic, found: LoginSession, person: Identity) -> bool:
    if syndic.id not in identities.syndics_held(person.id):
        return False
    return syndic.id in sessions.origins_of(found.id) or releases.sees(person.id, syndic.id, "email")
