"""« Ce n'est pas moi », by the link of a mail: the code, what will happen, and the button (JOURNEYS B13)."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.association import contests, telling
from broker.association.refusals import ContestTried
from broker.web.pages import page, see_other
from config.database import transaction

blueprint = Blueprint("contest", __name__, url_prefix="/contest")


@blueprint.get("/<token>", endpoint="page")
def link_page(token: str) -> ResponseReturnValue:
    """What the mail's link opens: it changes nothing, and names nobody to whoever only holds the link."""
    contests.opened(token)
    return _code_page(token)


@blueprint.post("/<token>")
def prove(token: str) -> ResponseReturnValue:
    """The code of that mail."""
    try:
        with transaction():
            contest = contests.opened(token)
            handle = contests.prove(contest, request.form.get("code", ""))
    except ContestTried as refused:
        return _code_page(token, refused.status, alert=[gettext(refused.public)])
    if handle is None:
        return _code_page(token, alert=[gettext("Ce code n'est pas le bon. Vérifiez les 8 chiffres dans le mail.")])
    return see_other(url_for("contest.review", p=handle))


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """What will happen, and the question."""
    handle = request.args.get("p", "")
    contest = contests.proved(handle)
    return page("association/contest_review.html", told=telling.of_link(contest.link_id), handle=handle)


@blueprint.post("/review")
def suspend() -> ResponseReturnValue:
    """« Ce n'est pas moi »."""
    handle = request.args.get("p", "")
    with transaction():
        contests.suspend(handle)
    return see_other(url_for("contest.done"))


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """What has been done; the same for everybody who opens it."""
    return page("association/contest_done.html")


def _code_page(token: str, status: int = 200, **values: Any) -> Response:
    return page("association/contest.html", status, action=url_for("contest.prove", token=token), **values)
