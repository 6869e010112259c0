"""From a menu in an extranet's page to another account: at once, or by a button of ours (JOURNEYS C3, C4)."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.oidc.menu import switching
from broker.oidc.menu.switching import Switch, Target
from broker.sessions import browser
from broker.sessions.models import LoginSession
from broker.web import headers
from broker.web.pages import page, see_other
from broker.web.syndics import bind, current

blueprint = Blueprint("switching", __name__, url_prefix="/t/<slug>/switch")
bind(blueprint)


@blueprint.get("/<token>", endpoint="page")
def switch_page(token: str) -> ResponseReturnValue:
    """Lead on, once; where the address was used before, or is too old, ask. A HEAD only looks."""
    found = _of_this_browser(token)
    if found is None:
        return page("switching/elsewhere.html")
    switch, login = found
    target = switching.target(current(), switch, login)
    if target is None:
        return page("switching/gone.html", 410)
    leads_on = not switch.is_over if request.method == "HEAD" else switch.use()
    return see_other(target.address) if leads_on else _ask(target, token)


@blueprint.post("/<token>")
def by_button(token: str) -> ResponseReturnValue:
    """« Ouvrir ce compte »: pressed by the person, in the same login session."""
    found = _of_this_browser(token)
    if found is None:
        return page("switching/elsewhere.html")
    target = switching.target(current(), *found)
    return see_other(target.address) if target else page("switching/gone.html", 410)


def _of_this_browser(token: str) -> tuple[Switch, LoginSession] | None:
    """The switch, if it was made for the very session of this browser: to everybody else it is like any other text."""
    switch, login = switching.read(current(), token), browser.identity_session()
    if switch is None or login is None or login.id != switch.session_id:
        return None
    return switch, login


def _ask(target: Target, token: str) -> Response:
    headers.allow_forms_to((target.address,))
    return page("switching/ask.html", target=target, token=token)
