"""Answers of the authorization endpoint: a redirect, or a form that is posted; `iss` in each (RFC 9207)."""

from urllib.parse import urlencode, urlsplit

from flask.wrappers import Response

from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters
from broker.web import headers
from broker.web.application import Answer
from broker.web.pages import page
from config import telemetry
from tenants.clients.pictures import RegisteredSyndic


def with_code(syndic: RegisteredSyndic, parameters: Parameters, code: str) -> Response:
    """Hand the code to the client."""
    telemetry.authorization("code")
    return _answer(syndic, parameters, {"code": code})


def with_error(syndic: RegisteredSyndic, parameters: Parameters, error: AuthorizationError) -> Response:
    """Tell the client why not (RFC 6749 §4.1.2.1)."""
    telemetry.authorization(error.error)
    return _answer(syndic, parameters, {"error": error.error, "error_description": error.description})


def location(syndic: RegisteredSyndic, parameters: Parameters, values: dict[str, str]) -> str:
    """The redirect URI with what is told there."""
    address = parameters.get("redirect_uri")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(_whole(syndic, parameters, values))}"


def _answer(syndic: RegisteredSyndic, parameters: Parameters, values: dict[str, str]) -> Response:
    if parameters.response_mode == "query":
        return Answer(status=302, headers=[("Location", location(syndic, parameters, values))])
    address = parameters.get("redirect_uri")
    parts = urlsplit(address)
    headers.allow_forms_to((f"{parts.scheme}://{parts.netloc}",))
    return page("oidc/form_post.html", action=address, values=_whole(syndic, parameters, values))


def _whole(syndic: RegisteredSyndic, parameters: Parameters, values: dict[str, str]) -> dict[str, str]:
    """With `state` as it came, and `iss`."""
    state = {"state": parameters.get("state")} if parameters.get("state") else {}
    return {**values, **state, "iss": syndic.issuer}
