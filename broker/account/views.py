"""The owner's own pages."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from broker.account import listing
from broker.identities import service as identities
from broker.identities.models import Identity
from broker.sessions import browser
from broker.web.pages import page, see_other
from config.settings import settings

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """« Mon compte » begins with the accounts."""
    return see_other(url_for("account.accounts"))


@blueprint.get("/accounts")
def accounts() -> ResponseReturnValue:
    """« Mes comptes »."""
    person = _person()
    groups = listing.groups(person, settings().base_url, request.args.get("iss"), request.args.get("account"))
    return page("account/accounts.html", groups=groups, email=person.email_typed)


def _person() -> Identity:
    found = browser.identity_session()
    person = identities.by_id(found.identity_id) if found and found.identity_id else None
    if person is None:
        raise browser.NotSignedIn("no identity session")
    return person
