"""From the right password of an identity to its session, at a syndic and at the portal alike.

Where the identity has a second factor, no session begins before it is shown: the browser is asked for it first, and
what the sign-in will be waits with that question.
"""

from dataclasses import asdict, dataclass

from flask import url_for
from flask.wrappers import Response

from broker.identities.factors import service as factors
from broker.identities.factors.strength import PASSWORD, Shown
from broker.identities.models import Identity
from broker.sessions import browser, factor_page
from broker.sessions import service as sessions
from broker.web import network
from broker.web.pages import own_page, see_other
from tenants.clients.pictures import RegisteredSyndic

PORTAL = "portal"


@dataclass(frozen=True)
class Wish:
    """What the person and the extranet want of this sign-in."""

    persistent: bool
    handle: str | None = None
    """The authorization request to go on with, at a syndic."""
    page: str | None = None
    """The page below « Mon compte » to go on with, at the portal."""


def place(syndic: RegisteredSyndic | None) -> str:
    """The place of this sign-in, as `factor_page` knows it."""
    return f"at-{syndic.slug}" if syndic else PORTAL


def after_password(identity: Identity, syndic: RegisteredSyndic | None, wish: Wish) -> Response:
    """Begin the session, or ask for the second factor first; within the transaction of the sign-in."""
    if not factors.enrolled(identity.id).any:
        return begin(identity, syndic, wish, PASSWORD)
    asking = see_other(address(syndic, wish))
    return factor_page.ask(asking, identity, place(syndic), **asdict(wish))


def begin(identity: Identity, syndic: RegisteredSyndic | None, wish: Wish, shown: Shown) -> Response:
    """Begin the session by what was shown, and go on to where the person wanted to go."""
    begun = sessions.begin_identity(
        identity,
        network.calling(),
        shown=shown,
        persistent=wish.persistent,
        origin=syndic.id if syndic else None,
        renews=browser.identity_session(),
    )
    if syndic:
        response = see_other(url_for("oidc.resume", slug=syndic.slug, r=wish.handle))
    else:
        response = see_other(own_page(wish.page) or url_for("account.opening_default"))
    browser.remember_identity(response, begun)
    return response


def address(syndic: RegisteredSyndic | None, wish: Wish) -> str:
    """Where the second factor is asked for."""
    if syndic:
        return url_for("login.factor", slug=syndic.slug, r=wish.handle)
    return url_for("portal.factor", next=wish.page)
