"""The platform's own door: the same sign-in without an extranet, help, logout, and the syndics' logos."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.identities.attempts import Slowed
from broker.login import factors, messages
from broker.login.beginning import PORTAL, Wish, after_password
from broker.login.service import SignedIn, sign_in
from broker.sessions import browser, devices, factor_page, farewell
from broker.web import cookies
from broker.web.pages import own_page, page, see_other
from config.database import transaction
from tenants.syndics import service as syndics
from tenants.syndics.refusals import UnknownSyndic

LOGO_KEPT_S = 3600
blueprint = Blueprint("portal", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The login page, or « Mes comptes » for whoever is signed in."""
    return see_other(url_for("account.accounts")) if browser.identity_session() else _form()


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """The same sign-in as at a syndic; legacy identifiers are a syndic's and sign in at its extranet only."""
    if request.method == "GET":
        return _form()
    username = request.form.get("username", "")
    with transaction():
        outcome = sign_in(None, username, request.form.get("password", ""), devices.door())
        if isinstance(outcome, SignedIn):
            return _begin(outcome)
    return _form(429 if isinstance(outcome, Slowed) else 200, username=username, alert=messages.alert(outcome))


@blueprint.route("/login/factor", methods=["GET", "POST"])
def factor() -> ResponseReturnValue:
    """« Confirmez que c'est vous »."""
    return factors.ask(None)


@blueprint.post("/login/factor/options")
def factor_options() -> ResponseReturnValue:
    """A passkey's challenge."""
    return factor_page.challenge(PORTAL)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End this browser's session."""
    found = browser.identity_session()
    response = farewell.log_out([found] if found else [], None, otherwise=url_for("portal.logged_out"))
    cookies.drop(response, browser.IDENTITY)
    return response


@blueprint.get("/logged-out")
def logged_out() -> ResponseReturnValue:
    """« Vous êtes déconnecté »."""
    return page("login/logged_out.html")


@blueprint.get("/help")
def help_page() -> ResponseReturnValue:
    """Help without a syndic at hand."""
    return page("login/help.html", handle=None)


@blueprint.get("/logos/<slug>.png")
def logo(slug: str) -> ResponseReturnValue:
    """A syndic's logo, as we re-encoded it."""
    syndic = syndics.find(slug)
    if syndic is None or syndic.logo is None:
        raise UnknownSyndic(f"no logo of {slug!r}")
    response = Response(syndic.logo, mimetype="image/png")
    response.headers["Cache-Control"] = f"public, max-age={LOGO_KEPT_S}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _begin(outcome: SignedIn) -> Response:
    assert outcome.identity is not None  # noqa: S101 - the portal signs in identities only
    wish = Wish(persistent=request.form.get("remember") == "on", page=own_page(request.args.get("next")))
    return after_password(outcome.identity, None, wish)


def _form(status: int = 200, **values: Any) -> Response:
    return page("login/login.html", status, handle=None, **{"username": "", **values})
