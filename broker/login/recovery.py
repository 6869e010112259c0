"""« Mot de passe oublié ? »: the request, and the page that the mail's link opens (JOURNEYS A10)."""

from functools import partial

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.identities import passwords, reset
from broker.identities.emails import parsed
from broker.identities.refusals import SecondProofMissing
from broker.identities.second_proof import Typed
from broker.login.reviewing import opened
from broker.sessions import devices
from broker.sessions import service as sessions
from broker.web import languages, network
from broker.web.pages import Failing, page, see_other
from config.database import transaction
from config.errors import Unavailable

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
        reset.request_mail(address, languages.current(), network.calling())
    return see_other(url_for("recovery.page", sent=1))


@blueprint.get("/reset/<token>")
def reset_page(token: str) -> ResponseReturnValue:
    """Asks for what the link does not carry: the address, the new password, and perhaps a second proof."""
    return page("login/reset.html", second=reset.needs_second_proof(reset.opened(token)))


@blueprint.post("/reset/<token>", endpoint="reset")
def set_new_password(token: str) -> ResponseReturnValue:
    """Set the new password, end every session, and lead to the login page."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        with transaction():
            row = reset.opened(token)
            again = partial(_again, email, second=reset.needs_second_proof(row))
            weak = passwords.weakness(password, email)
            if weak is not None:
                return again(Failing("password", gettext(weak.message)))
            identity = reset.set_password(row, email, password, typed_second_proof(), network.calling())
            if identity is None:
                return again(Failing("email", gettext("Cette adresse n'est pas celle qui a reçu le mail.")))
            sessions.end_all_of(identity.id)
            shown = [] if identity.review_due else opened(identity)
    except (SecondProofMissing, Unavailable) as error:
        return again(Failing("identifier", gettext(error.public)), status=error.status)
    return page("login/reset_done.html", opened=shown)


def typed_second_proof() -> Typed:
    """What was typed beside the mail's link: a printed code, where one is asked for."""
    return Typed(request.form.get("identifier", ""), request.form.get("secret", ""), devices.door)


def _again(email: str, message: str, *, second: bool, status: int = 200) -> Response:
    typed = request.form.get("identifier", "")
    return page("login/reset.html", status, email=email, alert=[message], second=second, identifier=typed)
