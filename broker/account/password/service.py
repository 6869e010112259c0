"""Changing the password: everything that rests on the old one ends, but the browser in which it is changed."""

from broker.identities import journal, passwords
from broker.identities.models import Identity
from broker.sessions import service as sessions
from broker.sessions.browser import NotSignedIn
from broker.sessions.models import LoginSession
from broker.sessions.service import Begun
from broker.web.network import Caller
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM


def change(person: Identity, here: LoginSession, password: str, caller: Caller) -> Begun:
    """Set a new password (already found strong enough) and tell the address. Returns this browser's session, renewed.

    The epoch rises: every other session ends and its extranets are told (ASVS 7.4.3), and so do resets, changes of
    address and sign-ins under way, which all carry the older epoch (SECURITY R2, R4). This browser's session takes the
    new epoch, under a new token: a copied cookie dies with the old password.

    Raises:
        NotSignedIn: this browser's session has ended meanwhile.
    """
    hashed = passwords.hashed(password)
    session().refresh(person, with_for_update=True)
    session().refresh(here)
    if here.ended_at is not None or here.identity_epoch != person.epoch:
        raise NotSignedIn(f"session {here.id} ended while the password was being changed")
    person.password_hash = hashed
    person.epoch += 1
    renewed = sessions.outlive(here, person)
    journal.tell("password.changed", person, caller)
    audit.append(PLATFORM, "password.changed", {}, {"email": person.email}, subject=person.id)
    return renewed
