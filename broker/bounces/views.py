"""The hook by which a mail provider hands over notices: one message (RFC 5322) as the body of a POST."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from broker.bounces import service
from broker.web.errors import refusal
from config import secrets
from config.database import transaction
from config.errors import NotFound, Refusal
from config.settings import settings

blueprint = Blueprint("bounces", __name__, url_prefix="/hooks/mail")


class HookRefused(Refusal):
    """Whoever calls has not shown the hook's secret."""

    code = "hook_refused"
    public = "Cette demande n'est pas autorisée."
    status = 401


@blueprint.post("/bounces", endpoint="hook")
def hook() -> ResponseReturnValue:
    """Take one notice. The answer is the same whatever it was: a provider has nothing to learn, or to try again."""
    if not _is_provider():
        response = refusal(HookRefused("a wrong secret, or none"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    with transaction():
        service.take(request.get_data(cache=False))
    return jsonify(received=True)


def _is_provider() -> bool:
    """Whether the caller shows the hook's secret, `Authorization: Bearer …` (RFC 6750 §2.1).

    Raises:
        NotFound: there is no hook here.
    """
    wanted = settings().mail_hook_secret
    if wanted is None:
        raise NotFound("TROUSSEAU_MAIL_HOOK_SECRET is not set")
    service.refuse_if_off()
    return secrets.same(request.headers.get("Authorization", ""), f"Bearer {wanted}")
