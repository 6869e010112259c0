"""Pages: one way to render them, with the syndic's name, colour and logo."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import g, make_response, redirect, render_template
from flask.wrappers import Response

from broker.web import headers
from broker.web.colours import palette

RETRY_AFTER_S = 10


class Failing(str):
    """What is wrong with one field, said to its owner: the error summary leads to the field, which is marked."""

    field: str

    def __new__(cls, field: str, sentence: str) -> "Failing":
        """Take the field's id and the sentence."""
        made = super().__new__(cls, sentence)
        made.field = field
        return made


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a page for the syndic of this request, if there is one; `failing` are the ids of its wrong fields.

    Every 503 says when to come back (RFC 9110 §15.6.4).
    """
    syndic = g.get("syndic")
    brand = palette(syndic.colour if syndic else None)
    failing = {sentence.field for sentence in values.get("alert") or () if isinstance(sentence, Failing)}
    shown = {"syndic": syndic, "brand": brand, "csp_nonce": headers.nonce(), "failing": failing, **values}
    body = render_template(template, **shown)
    response = make_response(body, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def own_page(address: str | None) -> str | None:
    """The address if it is a page below « Mon compte »: never another site's (open redirect)."""
    parts = urlsplit(address or "")
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/account/") and "\\" not in parts.path
    return address if inside else None


def own_address(address: str | None) -> str | None:
    """The address if it is ours: a path, and never another site's (open redirect)."""
    parts = urlsplit(address or "")
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    return address if ours and "\\" not in parts.path and str(address).isprintable() else None


def see_other(address: str) -> Response:
    """Answer a form by 303, so that a reload repeats nothing (RFC 9110 §15.4.4)."""
    response = redirect(address, 303)
    assert isinstance(response, Response)  # noqa: S101 - flask types it wider than it is
    return response
