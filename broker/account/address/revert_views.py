"""The page of the mail to the former address: take the change back by its code, then come in by a second proof."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.identities import passwords
from broker.identities.addresses import revert
from broker.identities.addresses.models import AddressChange
from broker.identities.refusals import SecondProofMissing
from broker.identities.second_proof import Typed
from broker.sessions import devices
from broker.web import network
from broker.web.pages import page, see_other
from config.database import transaction
from config.errors import Unavailable

blueprint = Blueprint("revert", __name__, url_prefix="/account/address/revert")


@blueprint.get("/<token>", endpoint="page")
def link_page(token: str) -> ResponseReturnValue:
    """What the mail's link opens: opening it changes nothing, however often and by whomever (SECURITY R9)."""
    change = revert.opened(token)
    return _regain(change, token) if change.state == "reverted" else _ask(change, token)


@blueprint.post("/<token>")
def take_back(token: str) -> ResponseReturnValue:
    """The code of the mail takes the change back, and freezes both addresses at once."""
    with transaction():
        change = revert.opened(token)
        right = change.state == "confirmed" and revert.by_code(change, request.form.get("code", ""))
        if right:
            revert.revert(change, network.calling())
    if right or change.state == "reverted":
        return see_other(url_for("revert.page", token=token))
    return _ask(change, token, alert=[gettext("Ce code n'est pas le bon. Saisissez les 8 chiffres de ce mail.")])


@blueprint.post("/<token>/regain")
def regain(token: str) -> ResponseReturnValue:
    """The second proof, and a new password."""
    password = request.form.get("password", "")
    typed = Typed(request.form.get("identifier", ""), request.form.get("secret", ""), devices.door)
    try:
        with transaction():
            change = revert.opened(token)
            weak = passwords.weakness(password, change.former_email)
            if weak is not None:
                return _regain(change, token, alert=[gettext(weak.message)])
            regained = revert.regain(change, typed, password, network.calling())
    except Unavailable as error:
        return _regain(revert.opened(token), token, 503, alert=[gettext(error.public)])
    if regained is None:
        return _regain(change, token, alert=[gettext(SecondProofMissing.public)])
    return page("login/reset_done.html")


def _ask(change: AddressChange, token: str, **values: Any) -> Response:
    return page("account/address/revert.html", token=token, until=change.revert_until, **values)


def _regain(change: AddressChange, token: str, status: int = 200, **values: Any) -> Response:
    identifier = request.form.get("identifier", "")
    either = revert.has_factor(change)
    return page("account/address/regain.html", status, token=token, identifier=identifier, factor=either, **values)
