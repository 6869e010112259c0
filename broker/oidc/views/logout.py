"""RP-initiated logout."""

from flask import request
from flask.typing import ResponseReturnValue

from broker.oidc import logout
from broker.oidc.views.blueprint import blueprint
from broker.sessions import browser
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web import cookies, headers
from broker.web.pages import page, see_other
from broker.web.syndics import current
from config.database import transaction


@blueprint.route("/end_session", methods=["GET", "POST"])
def end_session() -> ResponseReturnValue:
    """Log out; whoever comes without a hint of this very session is asked first."""
    leaving = _leaving()
    found = _sessions()
    if not found:
        return see_other(leaving.target) if leaving.target else page("login/logged_out.html")
    if any(logout.is_of(leaving, each) for each in found):
        return _log_out(found, leaving.target)
    headers.allow_forms_to(leaving.client.origins if leaving.client else ())
    return page("oidc/end_session.html", parameters=request.values)


@blueprint.post("/end_session/confirmed")
def end_session_confirmed() -> ResponseReturnValue:
    """« Se déconnecter », typed by the person."""
    return _log_out(_sessions(), _leaving().target)


def _sessions() -> list[LoginSession]:
    found = (browser.identity_session(), browser.legacy_session(current()))
    return [each for each in found if each is not None]


def _leaving() -> logout.Leaving:
    values = request.values
    return logout.read(
        current(),
        hint=values.get("id_token_hint", ""),
        client_id=values.get("client_id", ""),
        target=values.get("post_logout_redirect_uri", ""),
        state=values.get("state", ""),
    )


def _log_out(found: list[LoginSession], target: str | None) -> ResponseReturnValue:
    with transaction():
        for each in found:
            sessions.end(each)
    response = see_other(target) if target else page("login/logged_out.html")
    cookies.drop(response, browser.IDENTITY)
    cookies.drop(response, browser.legacy_cookie(current().slug))
    return response
