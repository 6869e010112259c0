"""Answers of the authorization endpoint: a redirect, or a form that is posted; `iss` in each (RFC 9207)."""

from urllib.parse import urlencode, urlsplit

from flask.wrappers import Response

from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters
from broker.web import headers
from broker.web.application import Answer
from broker.web.pages import page
from tenants.clients.pictures import RegisteredSyndic


def with_code(syndic: RegisteredSyndic, parameters: Parameters, code: str) -> Response:
    """Hand the code to the client."""
    return _answer(syndic, parameters, {"code": code})


def with_error(syndic: RegisteredSyndic, parameters: Parameters, error: AuthorizationError) -> Response:
    """Tell the client why not (RFC 6749 §4.1.2.1)."""
    return _answer(syndic, parameters, {"error": error.error, "error_description": error.description})


def _answer(syndic: RegisteredSyndic, parameters: Parameters, values: dict[str, str]) -> Response:
    if parameters.get("state"):
        values["state"] = parameters.get("state")
    values["iss"] = syndic.issuer
    address = parameters.get("redirect_uri")
    if parameters.response_mode == "form_post":
        parts = urlsplit(address)
        headers.allow_forms_to((f"{parts.scheme}://{parts.netloc}",))
        return page("oidc/form_post.html", action=address, values=values)
    joint = "&" if "?" in address else "?"
    return Answer(status=302, headers=[("Location", f"{address}{joint}{urlencode(values)}")])
