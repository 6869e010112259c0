"""The blueprint of the protocol endpoints, and how their answers are cached."""

import json
from typing import Any

from flask import Blueprint, Response

from broker.web.application import Answer
from broker.web.syndics import bind
from tenants.clients.lifetimes import JWKS_LIFE_S

blueprint = Blueprint("oidc", __name__, url_prefix="/t/<slug>")
bind(blueprint)
PUBLIC = (("Cache-Control", f"public, max-age={JWKS_LIFE_S}"), ("Access-Control-Allow-Origin", "*"))
"""Headers of an answer that is the same for everybody."""


def public(response: Response) -> Response:
    """An answer that is the same for everybody."""
    response.headers.update(PUBLIC)
    return response


def told(body: dict[str, Any] | list[dict[str, Any]], status: int = 200, **headers: str) -> Answer:
    """A JSON answer for one caller."""
    whole = {"Cache-Control": "no-store", **headers}
    return Answer(json.dumps(body, ensure_ascii=False), status, whole, content_type="application/json")


def no_store(response: Response, status: int) -> Response:
    """An answer for one caller."""
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
