"""The sessions of the browser that calls: an identity's, and a legacy one per syndic."""

from flask import Response, g, url_for

from broker.identities import attempts
from broker.identities import service as identities
from broker.sessions import devices, onward, service
from broker.sessions.models import LoginSession
from broker.sessions.service import Begun
from broker.web import cookies, network
from config.errors import Refusal
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy.models import LegacyAccount

IDENTITY = "session"


class NotSignedIn(Refusal):
    """The page needs a sign-in that this browser does not have (any more)."""

    code = "not_signed_in"
    public = "Votre connexion a pris fin. Reconnectez-vous, s'il vous plaît."
    status = 401


def identity_session() -> LoginSession | None:
    """The living identity session of this browser."""
    if "identity_session" not in g:
        token = cookies.read(IDENTITY)
        g.identity_session = service.living(token) if token else None
        if g.identity_session is not None and g.identity_session.identity_id is None:
            g.identity_session = None
        if g.identity_session is not None:
            service.notice(g.identity_session)
    return g.identity_session  # type: ignore[no-any-return]  # flask.g knows no types


def legacy_session(syndic: RegisteredSyndic) -> LoginSession | None:
    """The living legacy session of this browser at this syndic."""
    if "legacy_session" not in g:
        g.legacy_session = legacy_session_of(syndic.slug)
    return g.legacy_session  # type: ignore[no-any-return]  # flask.g knows no types


def legacy_session_of(slug: str) -> LoginSession | None:
    """The same, for pages that are no syndic's own."""
    token = cookies.read(legacy_cookie(slug))
    return _at(slug, service.living(token) if token else None)


def legacy_sign_in(slug: str) -> LoginSession | None:
    """The legacy sign-in that this browser made last at this syndic, even where it has ended: to tell, not to allow."""
    token = cookies.read(legacy_cookie(slug))
    return _at(slug, service.by_token(token) if token else None)


def _at(slug: str, found: LoginSession | None) -> LoginSession | None:
    """The session, if it is this syndic's: a cookie's name says whose it is, but whoever sends it chose the name."""
    return found if found is not None and service.is_legacy_at(found, slug) else None


def legacy_cookie(slug: str) -> str:
    """The cookie of a legacy sign-in: one per syndic, so that two syndics in two tabs never meet."""
    return f"legacy_{slug}"


def session_with_terms_due() -> LoginSession | None:
    """The session of this browser that waits until new terms are accepted: it lets its person in nowhere else."""
    token = cookies.read(IDENTITY)
    found = service.standing(token) if token else None
    return found if found is not None and found.terms_due else None


def remember_identity(response: Response, begun: Begun) -> None:
    """Give the browser its session, and know it again; a persistent one survives a restart of the browser.

    To be called within the transaction of the sign-in. What the person must see before going on comes first
    (`broker.sessions.onward`); where the session waits for terms to be accepted, their page comes before all others.
    """
    keep_identity(response, begun)
    person = identities.by_id(begun.session.identity_id) if begun.session.identity_id else None
    assert person is not None  # noqa: S101 - the session of an identity
    devices.remember(response, attempts.of_email(person.email).owner, person.id)
    if response.location:
        response.location = onward.through(person, response.location)
    if begun.session.terms_due:
        response.location = url_for("terms_again.page", next=response.location)


def keep_identity(response: Response, begun: Begun) -> None:
    """Give the browser the token of its session, and nothing else."""
    kept_s = int(service.LONGEST.total_seconds()) if begun.session.persistent else None
    cookies.put(response, IDENTITY, begun.token, kept_s)


def remember_legacy(response: Response, begun: Begun, syndic: RegisteredSyndic, account: LegacyAccount) -> None:
    """Give the browser its legacy session, which ends with it, and know it again (as `remember_identity`)."""
    cookies.put(response, legacy_cookie(syndic.slug), begun.token)
    name = attempts.of_identifier(syndic.slug, account.identifier, network.caller())
    devices.remember(response, name.owner, None)
