"""RP-initiated logout."""

from urllib.parse import urlencode

from flask import request, url_for
from flask.typing import ResponseReturnValue

from broker.oidc import logout
from broker.oidc.views.blueprint import blueprint
from broker.sessions import browser, farewell
from broker.sessions.models import LoginSession
from broker.web import cookies, headers, languages
from broker.web.pages import page, see_other
from broker.web.syndics import current

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")
"""What is read of a request (RP-Initiated Logout 1.0 §2); `logout_hint` adds nothing to the browser's own session."""


@blueprint.route("/end_session", methods=["GET", "POST"])
def end_session() -> ResponseReturnValue:
    """Log out; whoever comes without a hint of this very session is asked first.

    A POST is answered by a redirect to the same as GET: Lax cookies are absent on a cross-site POST.
    """
    leaving = _leaving()
    if request.method == "POST":
        return see_other(f"{url_for('oidc.end_session')}?{urlencode(_given())}")
    found = _seen_by(leaving, _sessions())
    if not found or any(logout.is_of(leaving, each) for each in found):
        return _log_out(found, leaving.target)
    headers.allow_forms_to(leaving.client.origins if leaving.client else ())
    return page("oidc/end_session.html", parameters=_given())


@blueprint.post("/end_session/confirmed")
def end_session_confirmed() -> ResponseReturnValue:
    """« Se déconnecter », typed by the person."""
    return _log_out(_sessions(), _leaving().target)


def _sessions() -> list[LoginSession]:
    found = (browser.identity_session(), browser.legacy_session(current()))
    return [each for each in found if each is not None]


def _seen_by(leaving: logout.Leaving, found: list[LoginSession]) -> list[LoginSession]:
    """Where the extranet sees the browser come back at once or not, a session elsewhere is like none: it goes on."""
    return found if leaving.target is None else [each for each in found if logout.is_known(current(), each)]


def _given() -> dict[str, str]:
    return {name: request.values[name] for name in PARAMETERS if request.values.get(name)}


def _leaving() -> logout.Leaving:
    given = _given()
    languages.prefer(given.get("ui_locales", ""))
    return logout.read(
        current(),
        hint=given.get("id_token_hint", ""),
        client_id=given.get("client_id", ""),
        target=given.get("post_logout_redirect_uri", ""),
        state=given.get("state", ""),
    )


def _log_out(found: list[LoginSession], target: str | None) -> ResponseReturnValue:
    """Log out. A request that brought no session takes no cookie away: another site may have sent it."""
    response = farewell.log_out(found, target)
    if found:
        cookies.drop(response, browser.IDENTITY)
        cookies.drop(response, browser.legacy_cookie(current().slug))
    return response
