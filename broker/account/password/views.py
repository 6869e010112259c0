"""The page « Mot de passe ». The old one has been typed a moment ago (`Access.CONFIRMED`)."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.account.password import service
from broker.account.person import current_person, current_session
from broker.account.views import blueprint
from broker.identities import passphrases, passwords
from broker.sessions import browser
from broker.web import network
from broker.web.pages import page, see_other
from config.database import transaction


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Ask for a new password, propose one, or take it."""
    if request.method == "GET":
        return _form()
    if request.form.get("action") == "propose":
        return _form(proposed=passphrases.proposed())
    chosen = request.form.get("password", "")
    weak = passwords.weakness(chosen, current_person().email)
    if weak is not None:
        return _form(alert=[gettext(weak.message)])
    with transaction():
        begun = service.change(current_person(), current_session(), chosen, network.calling())
        response = see_other(url_for("account.password_changed"))
        browser.remember_identity(response, begun)
    return response


@blueprint.get("/password/changed")
def password_changed() -> ResponseReturnValue:
    """Says what has become of the other devices."""
    return page("account/password_changed.html", email=current_person().email_typed)


def _form(**values: Any) -> Response:
    return page("account/password.html", email=current_person().email_typed, **values)
