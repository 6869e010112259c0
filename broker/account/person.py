"""Whose pages these are: the identity that this browser is signed in with."""

from broker.identities import service as identities
from broker.identities.models import Identity
from broker.sessions import browser
from broker.sessions.models import LoginSession


def current_session() -> LoginSession:
    """The identity session of this browser.

    Raises:
        NotSignedIn: there is none (any more).
    """
    found = browser.identity_session()
    if found is None:
        raise browser.NotSignedIn("no identity session")
    return found


def current_person() -> Identity:
    """The person whose session it is.

    Raises:
        NotSignedIn: there is none (any more).
    """
    found = current_session()
    person = identities.by_id(found.identity_id) if found.identity_id else None
    if person is None:
        raise browser.NotSignedIn("no identity of this session")
    return person
