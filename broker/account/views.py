"""The owner's own pages: the blueprint, its hub, and « Mes comptes »."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from broker.account import again, listing, opening, wording
from broker.account.evidence import views as evidence
from broker.account.hub import ENTRIES
from broker.account.person import current_person, current_session
from broker.web.pages import page, see_other
from config.database import transaction

blueprint = Blueprint("account", __name__, url_prefix="/account")
blueprint.add_url_rule("/again", "again", again.ask, methods=["GET", "POST"])
blueprint.add_url_rule("/evidence", "evidence", evidence.listed)
blueprint.add_url_rule("/evidence/file", "evidence_file", evidence.download)
blueprint.add_app_template_global(wording.day)
blueprint.add_app_template_global(wording.moment)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """« Mon compte »."""
    return page("account/index.html", entries=ENTRIES, email=current_person().email_typed)


@blueprint.get("/accounts")
def accounts() -> ResponseReturnValue:
    """« Mes comptes »."""
    person = current_person()
    here = listing.Open(request.args.get("iss"), request.args.get("account"))
    found = listing.accounts(current_session(), person, here, request.args.get("q", ""))
    return page("account/accounts.html", accounts=found, kept=here.kept, email=person.email_typed)


@blueprint.get("/opening")
def opening_default() -> ResponseReturnValue:
    """After a sign-in at the portal: the default account opens. This page leads there by itself, and by its link."""
    chosen = opening.default_of(current_person())
    if chosen is None:
        return see_other(url_for("account.accounts"))
    return page(
        "account/opening.html", address=url_for("account.open", handle=opening.handle(current_session(), chosen))
    )


@blueprint.get("/open/<handle>", endpoint="open")
def open_account(handle: str) -> ResponseReturnValue:
    """Open an account's extranet."""
    found = current_session()
    with transaction():
        (link, _), address = opening.opened(found, current_person(), handle)
        if request.method == "GET":  # a HEAD only looks
            opening.allow(found, link)
    return see_other(address)
