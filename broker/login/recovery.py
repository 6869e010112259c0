"""« Mot de passe oublié ? »: the request, and the page that the mail's link opens (JOURNEYS A10)."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.identities import passwords, reset
from broker.identities.emails import parsed
from broker.sessions import service as sessions
from broker.web import languages
from broker.web.pages import Failing, page, see_other
from config.database import transaction

blueprint = Blueprint("recovery", __name__)


@blueprint.get("/forgotten", endpoint="page")
def request_page() -> ResponseReturnValue:
    """Asks for the address."""
    return page("login/forgotten.html", sent=request.args.get("sent") == "1")


@blueprint.post("/forgotten")
def submit() -> ResponseReturnValue:
    """The same answer for every address."""
    address = parsed(request.form.get("email", ""))
    if address is None:
        typed = request.form.get("email", "")
        sentence = gettext("Cette adresse e-mail n'est pas complète. Exemple : jeanne.dupont@orange.fr")
        return page("login/forgotten.html", sent=False, email=typed, alert=[Failing("email", sentence)])
    with transaction():
        reset.request_mail(address, languages.current())
    return see_other(url_for("recovery.page", sent=1))


@blueprint.get("/reset/<token>")
def reset_page(token: str) -> ResponseReturnValue:
    """Asks for what the link does not carry: the address, and the new password."""
    reset.opened(token)
    return page("login/reset.html")


@blueprint.post("/reset/<token>", endpoint="reset")
def set_new_password(token: str) -> ResponseReturnValue:
    """Set the new password, end every session, and lead to the login page."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    with transaction():
        row = reset.opened(token)
        weak = passwords.weakness(password, email)
        if weak is not None:
            return _again(email, Failing("password", gettext(weak.message)))
        identity = reset.set_password(row, email, password)
        if identity is None:
            return _again(email, Failing("email", gettext("Cette adresse n'est pas celle qui a reçu le mail.")))
        sessions.end_all_of(identity.id)
    return page("login/reset_done.html")


def _again(email: str, message: str) -> Response:
    return page("login/reset.html", email=email, alert=[message])
