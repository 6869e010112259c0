"""The pages of « Gérer mes comptes »."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.account import listing
from broker.account.manage import names, service
from broker.account.manage.service import Mine
from broker.account.person import current_person, current_session
from broker.association.confirmation import masked_identifier
from broker.web import network
from broker.web.pages import Failing, page, see_other
from config.database import transaction

DONE = frozenset({"default", "renamed"})
blueprint = Blueprint("manage", __name__, url_prefix="/account/accounts")


@blueprint.get("/manage", endpoint="page")
def show() -> ResponseReturnValue:
    """Every account with what can be done with it."""
    person = current_person()
    found = listing.accounts(current_session(), person, listing.Open(), request.args.get("q", ""))
    done = request.args.get("done")
    return page("account/manage.html", accounts=found, done=done if done in DONE else None)


@blueprint.post("/default")
def choose_default() -> ResponseReturnValue:
    """« Choisir par défaut »."""
    with transaction():
        service.choose_default(current_person(), _mine(request.form.get("account", "")))
    return see_other(url_for("manage.page", done="default"))


@blueprint.get("/<handle>/rename", endpoint="rename_page")
def rename_page(handle: str) -> ResponseReturnValue:
    """The name as it is."""
    mine = _mine(handle)
    return _gone(mine) if mine.link.state == "ended" else _rename(mine, mine.link.label or "")


@blueprint.post("/<handle>/rename")
def rename(handle: str) -> ResponseReturnValue:
    """« Renommer »."""
    typed = request.form.get("name", "")
    name = names.read(typed)
    if name.error:
        return _rename(_mine(handle), typed, alert=[Failing("name", name.error)])
    with transaction():
        service.rename(current_person(), _mine(handle), name.label)
    return see_other(url_for("manage.page", done="renamed"))


@blueprint.get("/<handle>/detach", endpoint="detach_page")
def detach_page(handle: str) -> ResponseReturnValue:
    """What will happen, and the question."""
    mine = _mine(handle)
    if mine.link.state == "ended":
        return _gone(mine)
    return page("account/detach.html", told=service.told(current_person(), mine))


@blueprint.post("/<handle>/detach")
def detach(handle: str) -> ResponseReturnValue:
    """« Détacher »."""
    with transaction():
        mine = _mine(handle)
        service.detach(current_person(), mine, network.calling())
    return _gone(mine)


@blueprint.get("/<handle>/detached")
def detached(handle: str) -> ResponseReturnValue:
    """What has happened, and how the account is entered now."""
    mine = _mine(handle)
    if service.is_held(mine):
        return see_other(url_for("manage.page"))
    return page("account/detached.html", told=service.told(current_person(), mine))


def _mine(handle: str) -> Mine:
    return service.of_handle(current_session(), current_person(), handle)


def _gone(mine: Mine) -> Response:
    return see_other(url_for("manage.detached", handle=mine.handle))


def _rename(mine: Mine, typed: str, **values: Any) -> Response:
    own = mine.account.label or masked_identifier(mine.account.identifier)
    return page("account/rename.html", name=mine.name, own=own, typed=typed, longest=names.LONGEST, **values)
