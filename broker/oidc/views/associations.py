"""An association that the extranet begins: its server announces the account here (JOURNEYS B14)."""

from authlib.oauth2 import OAuth2Error
from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from broker.association import announcements
from broker.association.refusals import BadAnnouncement
from broker.oidc.client_auth import METHODS
from broker.oidc.server import FormRequest, server
from broker.oidc.views.blueprint import blueprint, no_store
from broker.oidc.views.tokens import refused, repeated
from broker.web.syndics import current
from config.database import transaction


@blueprint.post("/associations")
def associations() -> ResponseReturnValue:
    """`identifier` and `auth_time` of a person who is signed in there -> `{"request_uri", "expires_in"}`, status 201.

    The browser is then sent to `{issuer}/associate?request_uri=…`.
    """
    if repeated():
        return refused("invalid_request", "a parameter is given more than once")
    try:
        client = server.authenticate_client(FormRequest.current(), METHODS, "associations").registered
        given = (request.form.get("identifier", ""), request.form.get("auth_time", ""))
        with transaction():
            request_uri = announcements.announce(current(), client, *given)
    except BadAnnouncement as error:
        return refused("invalid_request", error.private)
    except OAuth2Error as error:
        answer: Response = server.handle_error_response(None, error)
        return answer
    return no_store(jsonify(request_uri=request_uri, expires_in=announcements.LIFE_S), 201)
