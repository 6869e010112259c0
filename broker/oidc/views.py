"""The endpoints of an issuer `{base}/t/{slug}`."""

from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from broker.association import service as association
from broker.oidc import answers, codes, discovery, logout, tokens
from broker.oidc.claims import userinfo as claims_of
from broker.oidc.decision import NeedsLogin, NoAccountHere, decide
from broker.oidc.errors import AuthorizationError, BearerError
from broker.oidc.parameters import Parameters, check, proved_client, read
from broker.oidc.server import server
from broker.sessions import browser, requests
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web import cookies, headers, languages
from broker.web.pages import page, see_other
from broker.web.syndics import bind, current
from config import secrets
from config.database import statements, transaction
from tenants.clients.registry import RegisteredClient
from tenants.legacy.connectors import source

PUBLIC_S = 300
blueprint = Blueprint("oidc", __name__, url_prefix="/t/<slug>")
bind(blueprint)


@blueprint.get("/.well-known/openid-configuration", endpoint="discovery")
def provider_metadata() -> ResponseReturnValue:
    """OpenID Connect Discovery 1.0 §4."""
    return _public(jsonify(discovery.metadata(current())))


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """This issuer's public keys."""
    return _public(jsonify(discovery.jwks(current())))


@blueprint.get("/connector/jwks")
def connector_jwks() -> ResponseReturnValue:
    """The key that signs our calls to this syndic's legacy source: not an id_token key."""
    return _public(jsonify(source.public_jwks(current().id)))


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """OIDC Core §3.1.2. A POST is kept and answered by a redirect: Lax cookies are absent on a cross-site POST."""
    parameters = read(request.form if request.method == "POST" else request.args)
    client = proved_client(current(), parameters)
    try:
        check(parameters, client)
    except AuthorizationError as error:
        return answers.with_error(current(), parameters, error)
    if request.method == "POST":
        return see_other(url_for("oidc.resume", r=_keep(client, parameters)))
    languages.prefer(parameters.get("ui_locales"))
    return _answer(client, parameters, None)


@blueprint.get("/resume")
def resume() -> ResponseReturnValue:
    """Go on with a request that waited for a sign-in; where it waits no more, the extranet starts anew."""
    handle = request.args.get("r")
    waiting = requests.find(current().id, handle)
    client = current().client_by_id(waiting.client_id) if waiting else None
    if waiting is None or client is None or not client.active:
        return _start_anew()
    parameters = Parameters({key: str(value) for key, value in waiting.parameters.items()})
    return _answer(client, parameters, waiting.created_at, handle)


@blueprint.post("/token")
def token() -> ResponseReturnValue:
    """RFC 6749 §3.2."""
    if any(len(request.form.getlist(name)) > 1 for name in request.form):
        return _no_store(jsonify(error="invalid_request", error_description="a parameter is given more than once"), 400)
    if request.form.get("grant_type") != "authorization_code":
        error = "unsupported_grant_type" if request.form.get("grant_type") else "invalid_request"
        return _no_store(jsonify(error=error), 400)
    answer: Response = server.create_token_response()
    return answer


@blueprint.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    """OIDC Core §5.3."""
    try:
        with statements() as sql:
            return _no_store(jsonify(claims_of(sql, current(), tokens.grant_of(current(), _bearer()))), 200)
    except BearerError as error:
        response = _no_store(jsonify(error=error.error), error.status)
        response.headers["WWW-Authenticate"] = f'Bearer error="{error.error}"'
        return response


@blueprint.route("/end_session", methods=["GET", "POST"])
def end_session() -> ResponseReturnValue:
    """Log out; whoever comes without a hint of this very session is asked first."""
    leaving = _leaving()
    found = _sessions()
    if not found:
        return see_other(leaving.target) if leaving.target else page("login/logged_out.html")
    if any(logout.is_of(leaving, each) for each in found):
        return _log_out(found, leaving.target)
    headers.allow_forms_to(leaving.client.origins if leaving.client else ())
    return page("oidc/end_session.html", parameters=request.values)


@blueprint.post("/end_session/confirmed")
def end_session_confirmed() -> ResponseReturnValue:
    """« Se déconnecter », typed by the person."""
    return _log_out(_sessions(), _leaving().target)


def _answer(
    client: RegisteredClient, parameters: Parameters, asked_at: datetime | None, handle: str | None = None
) -> ResponseReturnValue:
    """A code, an error for the client, or the page that comes first."""
    try:
        with statements() as sql:
            decision = decide(sql, current(), client, parameters, tokens=_tokens(), asked_at=asked_at)
            if not isinstance(decision, NeedsLogin | NoAccountHere) and not _held_back(decision.legacy):
                code = codes.issue(sql, current(), client, parameters, decision)
                if handle:
                    sql.execute(
                        "DELETE FROM authorization_requests WHERE handle_digest = %s", (secrets.digest(handle),)
                    )
                return answers.with_code(current(), parameters, code)
    except AuthorizationError as error:
        return answers.with_error(current(), parameters, error)
    handle = handle or _keep(client, parameters)
    if isinstance(decision, NeedsLogin):
        return see_other(url_for("login.page", r=handle))
    target = "login.no_account" if isinstance(decision, NoAccountHere) else "association.start"
    return see_other(url_for(target, r=handle))


def _held_back(legacy: bool) -> bool:
    """Whether a legacy sign-in must go through an attempt first (JOURNEYS B1, past the deadline)."""
    if not legacy or association.may_wait(current()):
        return False
    sign_in = browser.legacy_session(current())
    return sign_in is None or not association.lets_in(sign_in, current())


def _keep(client: RegisteredClient, parameters: Parameters) -> str:
    with transaction():
        return requests.keep(current().id, client.id, dict(parameters.values))


def _start_anew() -> ResponseReturnValue:
    """Send the browser where its extranet begins a sign-in (OIDC Core §4), or say what to do."""
    for client in current().clients.values():
        if client.active and client.initiate_login_uri:
            joint = "&" if "?" in client.initiate_login_uri else "?"
            return see_other(f"{client.initiate_login_uri}{joint}{urlencode({'iss': current().issuer})}")
    return page("oidc/start_again.html")


def _tokens() -> list[bytes]:
    names = (browser.IDENTITY, browser.legacy_cookie(current().slug))
    return [secrets.digest(value) for value in map(cookies.read, names) if value]


def _sessions() -> list[LoginSession]:
    found = (browser.identity_session(), browser.legacy_session(current()))
    return [each for each in found if each is not None]


def _leaving() -> logout.Leaving:
    values = request.values
    return logout.read(
        current(),
        hint=values.get("id_token_hint", ""),
        client_id=values.get("client_id", ""),
        target=values.get("post_logout_redirect_uri", ""),
        state=values.get("state", ""),
    )


def _log_out(found: list[LoginSession], target: str | None) -> ResponseReturnValue:
    with transaction():
        for each in found:
            sessions.end(each)
    response = see_other(target) if target else page("login/logged_out.html")
    cookies.drop(response, browser.IDENTITY)
    cookies.drop(response, browser.legacy_cookie(current().slug))
    return response


def _bearer() -> str:
    """The access token: in the header, or in the body of a form (RFC 6750 §2)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    posted = request.form.get("access_token", "") if request.method == "POST" else ""
    if not posted:
        raise BearerError("invalid_token")
    return posted


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _no_store(response: Response, status: int) -> Response:
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
