"""The pages of « Supprimer mon compte »."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from broker.account.erasure import service
from broker.account.person import current_person
from broker.sessions import onward
from broker.web import network
from broker.web.pages import own_address, page, see_other
from config.database import transaction

blueprint = Blueprint("erasure", __name__, url_prefix="/account/erasure")


@blueprint.get("", endpoint="page")
def question() -> ResponseReturnValue:
    """Says what will become of what, and asks."""
    person = current_person()
    if person.erase_at is not None:
        return see_other(url_for("erasure.coming"))
    return page("account/erasure/ask.html", email=person.email_typed, days=service.DELAY.days)


@blueprint.post("")
def ask() -> ResponseReturnValue:
    """« Supprimer mon compte »."""
    with transaction():
        service.ask(current_person(), network.calling())
    return see_other(url_for("erasure.coming"))


@blueprint.get("/coming")
def coming() -> ResponseReturnValue:
    """What each sign-in shows until then: the date, and « Annuler la suppression »."""
    person = current_person()
    target = own_address(request.args.get("next")) or url_for("account.index")
    onwards = onward.after("erasure.coming", person, target)
    if person.erase_at is None:
        return see_other(onwards)
    return page("account/erasure/coming.html", at=person.erase_at, email=person.email_typed, onward=onwards)


@blueprint.post("/cancel")
def cancel() -> ResponseReturnValue:
    """« Annuler la suppression »."""
    with transaction():
        service.cancel(current_person(), network.calling())
    return page("account/erasure/cancelled.html")
