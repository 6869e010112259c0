"""The owner's own pages: the blueprint, its hub, and « Mes comptes »."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from broker.account import again, listing
from broker.account.hub import ENTRIES
from broker.account.person import current_person
from broker.web.pages import page
from config.settings import settings

blueprint = Blueprint("account", __name__, url_prefix="/account")
blueprint.add_url_rule("/again", "again", again.ask, methods=["GET", "POST"])


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """« Mon compte »."""
    return page("account/index.html", entries=ENTRIES, email=current_person().email_typed)


@blueprint.get("/accounts")
def accounts() -> ResponseReturnValue:
    """« Mes comptes »."""
    person = current_person()
    groups = listing.groups(person, settings().base_url, request.args.get("iss"), request.args.get("account"))
    return page("account/accounts.html", groups=groups, email=person.email_typed)
