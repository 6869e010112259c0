"""The questions that a client may have asked: `prompt=consent` and `prompt=select_account` (OIDC Core §3.1.2.1)."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from broker.oidc import answers
from broker.oidc.decision import choice
from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters
from broker.oidc.views.authorization import session_tokens
from broker.sessions import requests
from broker.sessions.models import AuthorizationRequest
from broker.web import headers, languages
from broker.web.pages import page, see_other
from broker.web.syndics import bind, current, rides
from config.database import statements, transaction
from tenants.clients.pictures import RegisteredClient

blueprint = Blueprint("interaction", __name__, url_prefix="/t/<slug>")
bind(blueprint)


@blueprint.get("/consent")
def consent() -> ResponseReturnValue:
    """What the extranet will see, before it sees it."""
    found = _waiting()
    if found is None:
        return _resume()
    waiting, client = found
    headers.allow_forms_to(client.origins)
    scopes = Parameters(waiting.values).granted_scope(client).split()
    return page("oidc/consent.html", client=client, scopes=scopes, handle=request.args.get("r"))


@blueprint.post("/consent")
def consented() -> ResponseReturnValue:
    """« Continuer » or « Annuler »."""
    found = _waiting()
    if found is None:
        return _resume()
    waiting, _client = found
    parameters = Parameters(waiting.values)
    if request.form.get("answer") != "continue":
        with statements() as sql:
            requests.finish(sql, request.args["r"])
        return answers.with_error(current(), parameters, AuthorizationError("access_denied", "the person declined"))
    return _answered(parameters.answered("consent"))


@blueprint.get("/choose")
@rides
def select_account() -> ResponseReturnValue:
    """« Mes comptes », of this syndic: which one the extranet shall open."""
    found = _waiting()
    accounts = _accounts(*found) if found else []
    if found is None or not accounts:
        return _resume()
    headers.allow_forms_to(found[1].origins)
    return page("oidc/choose.html", client=found[1], accounts=accounts, handle=request.args.get("r"))


@blueprint.post("/choose")
def selected() -> ResponseReturnValue:
    """A click on an account's name. One that is not this person's acts as none (DESIGN section 4)."""
    found = _waiting()
    if found is None:
        return _resume()
    chosen = {"login_hint": f"account:{request.form.get('account', '')}", "id_token_hint": ""}
    return _answered(Parameters(found[0].values).answered("select_account", **chosen))


def _waiting() -> tuple[AuthorizationRequest, RegisteredClient] | None:
    waiting = requests.find(current().id, request.args.get("r"))
    client = current().client_by_id(waiting.client_id) if waiting else None
    if waiting is None or client is None:
        return None
    languages.prefer(Parameters(waiting.values).get("ui_locales"))
    return waiting, client


def _answered(parameters: Parameters) -> ResponseReturnValue:
    with transaction():
        requests.answered(current().id, request.args["r"], dict(parameters.values))
    return _resume()


def _resume() -> ResponseReturnValue:
    return see_other(url_for("oidc.resume", r=request.args.get("r", "")))


def _accounts(waiting: AuthorizationRequest, client: RegisteredClient) -> list[dict[str, Any]]:
    """The accounts of the sign-in that will answer: an identity's, or the one of a legacy sign-in."""
    syndic, parameters = current(), Parameters(waiting.values)
    with statements() as sql:
        tokens = session_tokens(syndic)
        return choice(sql, syndic, client, parameters, tokens=tokens, asked_at=waiting.created_at)
