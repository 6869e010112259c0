"""Asking to be erased, and changing one's mind."""

from datetime import timedelta

from broker.identities import journal
from broker.identities.models import Identity
from broker.web.network import Caller
from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM

DELAY = timedelta(days=30)


def ask(person: Identity, caller: Caller) -> None:
    """Plan the erasure. Asked for twice, the first date stands."""
    session().refresh(person, with_for_update=True)
    if person.erase_at is not None:
        return
    person.erase_at = clock.now() + DELAY
    journal.tell("erasure.asked", person, caller)
    audit.append(PLATFORM, "erasure.asked", {}, {"email": person.email}, subject=person.id)


def cancel(person: Identity, caller: Caller) -> None:
    """« Annuler la suppression »: everything stays as it is. Twice changes nothing."""
    session().refresh(person, with_for_update=True)
    if person.erase_at is None or person.closed_at is not None:
        return
    person.erase_at = None
    journal.tell("erasure.cancelled", person, caller)
    audit.append(PLATFORM, "erasure.cancelled", {}, {"email": person.email}, subject=person.id)
