"""The blueprint of the protocol endpoints, and how their answers are cached."""

from flask import Blueprint, Response

from broker.web.syndics import bind

PUBLIC_S = 300
"""How long a JWK Set may be believed: a new key is published for longer before it signs."""

blueprint = Blueprint("oidc", __name__, url_prefix="/t/<slug>")
bind(blueprint)


def public(response: Response) -> Response:
    """An answer that is the same for everybody."""
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def no_store(response: Response, status: int) -> Response:
    """An answer for one caller."""
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
