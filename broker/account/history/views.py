"""The page « Historique »."""

from flask import request
from flask.typing import ResponseReturnValue

from broker.account.history import listing
from broker.account.person import current_person
from broker.account.views import blueprint
from broker.web.pages import page


@blueprint.get("/history")
def history() -> ResponseReturnValue:
    """What happened to the person's access in the last twelve months."""
    cursor = request.args.get("before")
    return page("account/history.html", chapter=listing.chapter(current_person(), cursor), first=cursor is None)
