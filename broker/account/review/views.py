"""The page that the first sign-in after a recovery shows, until « Tout est correct »."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from broker.account import listing
from broker.account.person import current_person, current_session
from broker.account.review import agencies
from broker.identities import journal
from broker.identities.factors import service as factors
from broker.sessions import onward
from broker.web import network
from broker.web.pages import own_address, page, see_other
from config.database import transaction

blueprint = Blueprint("review", __name__, url_prefix="/account/review")


@blueprint.get("", endpoint="page")
def show() -> ResponseReturnValue:
    """Every account and every authenticator, and whom to call about one that is not the person's."""
    person = current_person()
    groups = listing.accounts(current_session(), person, listing.Open()).groups
    contacts = agencies.contacts(group.slug for group in groups)
    shown: dict[str, Any] = {"groups": groups, "contacts": contacts, "factors": factors.listed(person.id)}
    return page("account/review.html", email=person.email_typed, target=_target(), **shown)


@blueprint.post("")
def done() -> ResponseReturnValue:
    """« Tout est correct »: not shown again before another recovery."""
    with transaction():
        person = current_person()
        if person.review_due:
            person.review_due = False
            journal.note("recovery.reviewed", person.id, network.calling())
        target = onward.after("review.page", person, _target())
    return see_other(target)


def _target() -> str:
    return own_address(request.args.get("next")) or url_for("account.index")
