"""« Associer mon compte », from the extranet: the page that names the account and asks (JOURNEYS B14)."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.association import announcements
from broker.association.announcements import Opened
from broker.association.confirmation import masked_identifier
from broker.login import messages
from broker.login.service import SignedIn, legacy_secret
from broker.sessions import browser, devices
from broker.sessions import service as sessions
from broker.web import cookies, network
from broker.web.pages import page, see_other
from broker.web.syndics import bind, current
from config.database import transaction
from config.errors import Unavailable

blueprint = Blueprint("announced", __name__, url_prefix="/t/<slug>")
bind(blueprint)


@blueprint.get("/associate", endpoint="page")
def associate_page() -> ResponseReturnValue:
    """Names the account and asks; opening it changes nothing."""
    return _asks(announcements.opened(current(), request.args.get("request_uri", "")))


@blueprint.post("/associate")
def associate() -> ResponseReturnValue:
    """« Associer ce compte »: begin a legacy sign-in for that account here, and go on with the address (B3)."""
    ticket = request.form.get("ticket", "")
    opened = announcements.resumed(current(), ticket)
    if not opened.needs_secret:
        return _begun(ticket, None)
    try:
        with transaction():
            outcome = legacy_secret(current(), opened.account, _typed_secret(), devices.door(current().slug))
    except Unavailable as error:
        return _asks(opened, 503, unavailable=error.public)
    if not isinstance(outcome, SignedIn):
        return _asks(opened, alert=messages.alert(outcome))
    return _begun(ticket, outcome)


def _begun(ticket: str, typed: SignedIn | None) -> Response:
    """Use the announcement up and sign the browser in; one that typed no secret is not known again by it."""
    with transaction():
        row, account = announcements.use(current(), ticket)
        begun = sessions.begin_legacy(account, network.calling(), typed.second_code if typed else None)
        row.session_id = None if typed else begun.session.id
        response = see_other(url_for("association.email_page"))
        if typed:
            browser.remember_legacy(response, begun, current(), account)
        else:
            cookies.put(response, browser.legacy_cookie(current().slug), begun.token)
    return response


def _typed_secret() -> str:
    return request.form.get("password", "")


def _asks(opened: Opened, status: int = 200, **values: object) -> Response:
    account = masked_identifier(opened.account.identifier)
    shown = {"account": account, "needs_secret": opened.needs_secret, "ticket": opened.ticket}
    return page("login/announced.html", status, **shown, **values)
