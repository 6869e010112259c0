"""The pages of a change of address, in the browser that asks and behind the link of the mail to the new address."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.account.person import current_person, current_session
from broker.association.forms import address_form
from broker.identities import attempts, authentication, messages
from broker.identities.addresses import change
from broker.identities.addresses.models import AddressChange
from broker.identities.attempts import Slowed
from broker.identities.models import Identity
from broker.sessions import browser, devices
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web import network
from broker.web.pages import page, see_other
from config.database import transaction

REFRESH_S = 10

blueprint = Blueprint("address", __name__, url_prefix="/account/address")


@blueprint.get("", endpoint="page")
def form() -> ResponseReturnValue:
    """Asks for the new address."""
    return page("account/address/form.html", email=current_person().email_typed)


@blueprint.post("")
def ask() -> ResponseReturnValue:
    """Take it, or ask back what looks like a slip of the finger; the same answer whoever has that address."""
    typed = address_form(None)
    person = current_person()
    errors = list(typed.errors)
    if typed.address is not None and typed.address.canonical == person.email:
        errors = [gettext("C'est déjà votre adresse.")]
    if typed.address is None or typed.suggestion or errors:
        asked: dict[str, Any] = {"typed": typed.typed, "suggestion": typed.suggestion, "alert": errors}
        return page("account/address/form.html", email=person.email_typed, **asked)
    with transaction():
        change.ask(person, current_session().id, typed.address, network.calling())
    return see_other(url_for("address.code_page"))


@blueprint.get("/code")
def code_page() -> ResponseReturnValue:
    """Asks for the code of the mail, in the browser that asked for the change."""
    return _code(change.pending(current_person().id, current_session().id))


@blueprint.post("/code", endpoint="code")
def confirm_by_code() -> ResponseReturnValue:
    """The code typed there confirms the change."""
    with transaction():
        here = current_session()
        pending = change.pending(current_person().id, here.id)
        if change.by_code(pending, request.form.get("code", "")):
            return _confirmed(pending, here)
    return _code(
        pending, alert=[gettext("Ce code n'est pas le bon. Vérifiez les 8 chiffres dans le dernier mail reçu.")]
    )


@blueprint.get("/confirm/<token>")
def link_page(token: str) -> ResponseReturnValue:
    """What the mail's link opens, on any device: it asks for what the link does not carry, and changes nothing."""
    change.opened(token)
    return page("account/address/link.html")


@blueprint.post("/confirm/<token>", endpoint="link")
def confirm_by_link(token: str) -> ResponseReturnValue:
    """The new address and the password of the account confirm the change."""
    email = request.form.get("email", "")
    with transaction():
        pending = change.opened(token)
        answer = change.by_link(pending, email, request.form.get("password", ""), devices.door())
        if isinstance(answer, authentication.Right):
            return _confirmed(pending, browser.identity_session())
    alert = messages.alert(answer) if answer else [gettext("Adresse e-mail ou mot de passe invalide.")]
    status = 429 if isinstance(answer, Slowed) else 200
    return page("account/address/link.html", status, email=email, alert=alert)


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """« Votre adresse a changé »."""
    return page("account/address/done.html", signed_in=browser.identity_session() is not None)


def _confirmed(pending: AddressChange, here: LoginSession | None) -> Response:
    """Everything of before ends with this commit; the browser that asked goes on, if it is the one that confirms."""
    former = attempts.of_email(pending.former_email).owner
    identity = change.confirm(pending, network.calling())
    response = see_other(url_for("address.done"))
    if here is not None and here.id == pending.session_id:
        _carry_on(response, here, identity)
    devices.follow(response, former, attempts.of_email(identity.email).owner)
    return response


def _carry_on(response: Response, here: LoginSession, identity: Identity) -> None:
    browser.keep_identity(response, sessions.carry_on(here, identity))


def _code(pending: AddressChange, **values: Any) -> Response:
    return page(
        "account/address/code.html",
        email=pending.email_typed,
        expires_at=pending.expires_at,
        mail_state=change.mail_state(pending),
        refresh_s=None if values else REFRESH_S,
        **values,
    )
