"""The pages of an account's holders. Whatever lets somebody in or out asks for the password again."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.account.holders import listing
from broker.account.person import current_person
from broker.association.forms import AddressForm, address_form
from broker.association.invitations import removing
from broker.association.invitations import service as invitations
from broker.association.invitations.standing import stands
from broker.association.refusals import AlreadyInvited, TooManyInvitations, TooManyMails
from broker.web import languages, network
from broker.web.pages import Failing, page, see_other
from config.database import transaction

LONGEST_NAME = 80
DONE = ("withdrawn", "removed")
blueprint = Blueprint("holders", __name__, url_prefix="/account/holders")


@blueprint.get("/<handle>", endpoint="page")
def account_page(handle: str) -> ResponseReturnValue:
    """Who holds this account."""
    done = request.args.get("done")
    holders = listing.page_of(*listing.found(current_person(), handle))
    return page("account/holders/page.html", holders=holders, done=done if done in DONE else None)


@blueprint.route("/<handle>/invite", methods=["GET", "POST"])
def invite(handle: str) -> ResponseReturnValue:
    """« Inviter un co-titulaire »: a name and an address; a likely typo is asked back."""
    if request.method == "GET":
        return _form(handle)
    name, form = " ".join(request.form.get("name", "").split())[:LONGEST_NAME], address_form(None)
    typed: dict[str, Any] = {"name": name, "typed": form.typed}
    errors = _errors(name, form)
    if form.address is None or form.suggestion or errors:
        return _form(handle, **typed, suggestion=None if errors else form.suggestion, alert=errors)
    try:
        with transaction():
            link, _ = listing.found(current_person(), handle)
            guest = invitations.Guest(name, form.address)
            made = invitations.invite(current_person(), link, guest, languages.current(), network.calling())
            which = listing.handle_of(made)
    except (AlreadyInvited, TooManyInvitations, TooManyMails) as refused:
        return _form(handle, refused.status, **typed, alert=[gettext(refused.public)])
    return see_other(url_for("holders.invitation", handle=handle, which=which))


@blueprint.route("/<handle>/invitation/<which>", methods=["GET", "POST"])
def invitation(handle: str, which: str) -> ResponseReturnValue:
    """The code to be told, as often as it is needed; its button takes the invitation back."""
    with transaction():
        link, account = listing.found(current_person(), handle)
        found = listing.invitation(link, which)
        if request.method == "POST":
            invitations.withdraw(found, link)
            return see_other(url_for("holders.page", handle=handle, done="withdrawn"))
        code = invitations.spoken_code(found) if stands(found) else None
        shown = listing.page_of(link, account)
        return page("account/holders/invitation.html", holders=shown, invitation=found, code=code)


@blueprint.route("/<handle>/guest/<which>", methods=["GET", "POST"])
def remove(handle: str, which: str) -> ResponseReturnValue:
    """« Retirer »: says what will happen, and asks."""
    with transaction():
        link, account = listing.found(current_person(), handle)
        guest, name = listing.guest(link, which)
        if request.method == "GET":
            return page("account/holders/remove.html", holders=listing.page_of(link, account), name=name)
        removing.remove(current_person(), link, guest, network.calling())
    return see_other(url_for("holders.page", handle=handle, done="removed"))


def _errors(name: str, form: AddressForm) -> list[str]:
    errors: list[str] = []
    if not name:
        errors.append(Failing("name", gettext("Indiquez le nom de la personne, pour la retrouver dans votre liste.")))
    if form.address is not None and form.address.canonical == current_person().email:
        errors.append(Failing("email", gettext("C'est votre propre adresse. Saisissez celle de l'autre personne.")))
    return errors + form.errors


def _form(handle: str, status: int = 200, **values: Any) -> Response:
    holders = listing.page_of(*listing.found(current_person(), handle))
    return page("account/holders/invite.html", status, holders=holders, **values)
