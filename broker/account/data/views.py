"""The page « Mes données », and the file."""

import json

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.account.data import export
from broker.account.person import current_person
from broker.web.pages import page
from config import clock

blueprint = Blueprint("data", __name__, url_prefix="/account/data")


@blueprint.get("", endpoint="page")
def choices() -> ResponseReturnValue:
    """« Télécharger mes données » and « Supprimer mon compte »."""
    return page("account/data/page.html", erase_at=current_person().erase_at)


@blueprint.get("/file")
def file() -> ResponseReturnValue:
    """Everything, as JSON to keep (GDPR articles 15 and 20)."""
    body = json.dumps(export.everything(current_person()), ensure_ascii=False, indent=2)
    response = Response(body + "\n", mimetype="application/json")
    name = f"mes-donnees-{clock.now():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
