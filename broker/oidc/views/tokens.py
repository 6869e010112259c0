"""The endpoints that clients call themselves: tokens, what they are worth, and pushed requests."""

import re

from authlib.oauth2 import OAuth2Error
from flask import Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from broker.oidc import dpop, pushed
from broker.oidc.client_auth import METHODS
from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import read
from broker.oidc.server import FormRequest, server
from broker.oidc.views.blueprint import blueprint, no_store
from broker.web.syndics import current, rides
from config import telemetry
from config.database import transaction

_OUTSIDE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@blueprint.post("/token")
@rides
def token() -> ResponseReturnValue:
    """RFC 6749 §3.2."""
    answer = _token()
    said = answer.get_json(silent=True) if answer.status_code != 200 else None
    outcome = str(said.get("error", "other")) if isinstance(said, dict) else "ok"
    telemetry.token(request.form.get("grant_type", ""), outcome)
    return answer


def _token() -> Response:
    if repeated():
        return refused("invalid_request", "a parameter is given more than once")
    if not request.form.get("grant_type"):
        return refused("invalid_request", "grant_type is missing")
    try:
        _prove_key()
        answer: Response = server.create_token_response()
    except dpop.BadProof as error:
        return with_nonce(refused(error.error, error.description))
    return with_nonce(answer) if "dpop_jkt" in g else answer


@blueprint.post("/introspect")
@rides
def introspect() -> ResponseReturnValue:
    """RFC 7662 §2."""
    return _endpoint("introspection")


@blueprint.post("/revoke")
@rides
def revoke() -> ResponseReturnValue:
    """RFC 7009 §2."""
    return _endpoint("revocation")


@blueprint.post("/par")
@rides
def par() -> ResponseReturnValue:
    """RFC 9126 §2. A DPoP proof binds the code that will come of it (RFC 9449 §10.1)."""
    if repeated():
        return refused("invalid_request", "a parameter is given more than once")
    try:
        _prove_key()
        client = server.authenticate_client(FormRequest.current(), METHODS, "par").registered
        parameters = read(request.form).bound_to(g.get("dpop_jkt"))
        with transaction():
            return no_store(jsonify(pushed.push(current(), client, parameters)), 201)
    except dpop.BadProof as error:
        return with_nonce(refused(error.error, error.description))
    except AuthorizationError as error:
        return refused(error.error, error.description)
    except OAuth2Error as error:
        answer: Response = server.handle_error_response(None, error)
        return answer


def refused(error: str, description: str, status: int = 400) -> Response:
    """RFC 6749 §5.2, with a description in its set of characters."""
    return no_store(jsonify(error=error, error_description=_OUTSIDE.sub(" ", description)), status)


def with_nonce(response: Response) -> Response:
    """Tell the nonce that the next proof must bear (RFC 9449 §8)."""
    response.headers["DPoP-Nonce"] = dpop.nonce()
    return response


def _endpoint(name: str) -> ResponseReturnValue:
    if repeated():
        return refused("invalid_request", "a parameter is given more than once")
    answer: Response = server.create_endpoint_response(name)
    return answer


def repeated() -> bool:
    """Whether a parameter is given more than once (RFC 6749 §3.1)."""
    return any(len(request.form.getlist(name)) > 1 for name in request.form)


def _prove_key() -> None:
    """Check the request's DPoP proof, if it bears one: once, even where the view runs again."""
    text = request.headers.get("DPoP")
    if text is not None and "dpop_jkt" not in g:
        g.dpop_jkt = dpop.thumbprint(dpop.Proof(text, request.method, f"{current().issuer}{_path()}"))


def _path() -> str:
    """The endpoint's path below the issuer: addresses are the settings' word, never the Host header's."""
    return "/" + request.path.rsplit("/", 1)[-1]
