"""The authorization endpoint: a code, an error for the client, or the page that comes first."""

from datetime import datetime

from flask import request, url_for
from flask.typing import ResponseReturnValue

from broker.association import service as association
from broker.oidc import answers, codes, pushed
from broker.oidc.decision import (
    Decision,
    NeedsAnswer,
    NeedsLogin,
    NoAccountHere,
    SessionTokens,
    SignIn,
    decide,
    needs_login,
)
from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters, check, proved_client, read
from broker.oidc.views.blueprint import blueprint
from broker.sessions import browser, requests
from broker.web import cookies, languages
from broker.web.pages import page, see_other
from broker.web.syndics import current, rides
from config import secrets, telemetry
from config.database import statements, transaction
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic


@blueprint.route("/authorize", methods=["GET", "POST"])
@rides
def authorize() -> ResponseReturnValue:
    """OIDC Core §3.1.2. A POST is kept and answered by a redirect: Lax cookies are absent on a cross-site POST."""
    syndic = current()
    parameters = read(request.form if request.method == "POST" else request.args)
    handle = pushed.handle(parameters)
    if handle:
        parameters = pushed.find(syndic, parameters, handle)
    client = proved_client(syndic, parameters)
    try:
        check(parameters, client)
    except AuthorizationError as error:
        return answers.with_error(syndic, parameters, error)
    if request.method == "POST":
        return see_other(url_for("oidc.resume", r=_kept(client, parameters, handle)))
    languages.prefer(parameters.get("ui_locales"))
    return _answer(client, parameters, None, handle)


@blueprint.get("/resume")
@rides
def resume() -> ResponseReturnValue:
    """Go on with a request that waited for a sign-in; where it waits no more, the extranet starts anew."""
    handle = request.args.get("r")
    waiting = requests.find(current().id, handle)
    client = current().client_by_id(waiting.client_id) if waiting else None
    if waiting is None or client is None:
        return _start_anew()
    return _answer(client, Parameters(waiting.values), waiting.created_at, handle)


def _answer(
    client: RegisteredClient, parameters: Parameters, asked_at: datetime | None, handle: str | None
) -> ResponseReturnValue:
    syndic = current()
    try:
        with statements() as sql:
            decision = decide(sql, syndic, client, parameters, tokens=session_tokens(syndic), asked_at=asked_at)
            if isinstance(decision, SignIn) and not _held_back(decision):
                code = codes.issue(sql, syndic, client, parameters, decision)
                if code is not None:
                    once = handle is None or requests.finish(sql, handle)
                    return answers.with_code(syndic, parameters, code) if once else _start_anew()
                decision = needs_login(parameters)
    except AuthorizationError as error:
        return answers.with_error(syndic, parameters, error)
    telemetry.authorization("page")
    return see_other(url_for(_page_first(decision), r=_kept(client, parameters, handle)))


def _page_first(decision: Decision) -> str:
    """The endpoint of the page that must come before a code."""
    if isinstance(decision, NeedsLogin):
        return "login.page"
    if isinstance(decision, NoAccountHere):
        return "login.no_account"
    return f"interaction.{decision.question}" if isinstance(decision, NeedsAnswer) else "association.start"


def _held_back(decision: SignIn) -> bool:
    """Whether a legacy sign-in must go through an attempt first (JOURNEYS B1, past the deadline)."""
    if not decision.legacy or association.may_wait(current()):
        return False
    sign_in = browser.legacy_session(current())
    return sign_in is None or not association.lets_in(sign_in, current())


def _kept(client: RegisteredClient, parameters: Parameters, handle: str | None) -> str:
    """The handle under which the request waits: its own, where it waits already."""
    with transaction():
        if handle is None:
            return requests.keep(current().id, client.id, dict(parameters.values))
        requests.wait(current().id, handle)
        return handle


def _start_anew() -> ResponseReturnValue:
    """Send the browser where its extranet begins a sign-in (OIDC Core §4), or say what to do."""
    door = current().door
    return see_other(door) if door else page("oidc/start_again.html")


def session_tokens(syndic: RegisteredSyndic) -> SessionTokens:
    """What this browser holds of sessions."""
    own, legacy = cookies.read(browser.IDENTITY), cookies.read(browser.legacy_cookie(syndic.slug))
    return secrets.digest(own) if own else None, secrets.digest(legacy) if legacy else None
