"""The page « Menu de mes extranets »."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from broker.account.menu import choices
from broker.account.person import current_person
from broker.account.views import blueprint
from broker.identities import journal
from broker.web import network
from broker.web.pages import page, see_other
from config.database import transaction


@blueprint.get("/menu", endpoint="menu_page")
def menu_page() -> ResponseReturnValue:
    """Agency by agency: whether other menus show its accounts."""
    offered = choices.choices(current_person())
    return page("account/menu/page.html", choices=offered, saved=request.args.get("saved") == "1")


@blueprint.post("/menu", endpoint="menu")
def save_menu() -> ResponseReturnValue:
    """Keep what was changed in this form. No syndic is told."""
    with transaction():
        person = current_person()
        changes = choices.apply(person, request.form.getlist("shown"), request.form.getlist("was_shown"))
        for syndic_id in changes.shown:
            journal.note("menu.shown", person.id, network.calling(), syndic_id)
        for syndic_id in changes.hidden:
            journal.note("menu.hidden", person.id, network.calling(), syndic_id)
    return see_other(url_for("account.menu_page", saved=1))
