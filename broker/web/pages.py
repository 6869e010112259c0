"""Pages: one way to render them, with the syndic's name, colour and logo."""

from typing import Any
from urllib.parse import urlsplit

from flask import g, make_response, redirect, render_template
from flask.wrappers import Response

from broker.web import headers
from broker.web.colours import palette


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a page for the syndic of this request, if there is one."""
    syndic = g.get("syndic")
    brand = palette(syndic.colour if syndic else None)
    body = render_template(template, syndic=syndic, brand=brand, csp_nonce=headers.nonce(), **values)
    return make_response(body, status)


def own_page(address: str | None) -> str | None:
    """The address if it is a page below « Mon compte »: never another site's (open redirect)."""
    parts = urlsplit(address or "")
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/account/") and "\\" not in parts.path
    return address if inside else None


def see_other(address: str) -> Response:
    """Answer a form by 303, so that a reload repeats nothing (RFC 9110 §15.4.4)."""
    response = redirect(address, 303)
    assert isinstance(response, Response)  # noqa: S101 - flask types it wider than it is
    return response
