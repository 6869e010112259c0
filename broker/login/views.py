"""The login page of a syndic: a name, a password, and what follows a right pair."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.association import service as association
from broker.identities.attempts import Slowed
from broker.login import disputes, factors, known_address, messages
from broker.login.beginning import Wish, after_password, place
from broker.login.service import Retired, SignedIn, sign_in
from broker.sessions import browser, devices, factor_page, requests
from broker.sessions import service as sessions
from broker.sessions.models import AuthorizationRequest
from broker.web import headers, languages, network
from broker.web.pages import page, see_other
from broker.web.syndics import bind, current
from config.database import transaction
from config.errors import Unavailable

blueprint = Blueprint("login", __name__, url_prefix="/t/<slug>")
bind(blueprint)


@blueprint.get("/login", endpoint="page")
def login_page() -> ResponseReturnValue:
    """The login page (JOURNEYS A1, A2)."""
    waiting = _waiting()
    hint = str(waiting.parameters.get("login_hint", "")) if waiting else ""
    named = "" if hint.startswith("account:") else hint
    return _form(waiting, username=named or known_address.at(current(), waiting))


@blueprint.post("/login")
def submit() -> ResponseReturnValue:
    """Check the pair; the name stays filled after a failure."""
    waiting = _waiting()
    username = request.form.get("username", "")
    try:
        with transaction():
            outcome = sign_in(current(), username, request.form.get("password", ""), devices.door(current().slug))
            if isinstance(outcome, SignedIn):
                return _begin(outcome, waiting)
    except Unavailable as error:
        return _form(waiting, status=503, username=username, unavailable=error.public)
    retired = disputes.handle(outcome.account) if isinstance(outcome, Retired) else None
    status = 429 if isinstance(outcome, Slowed) else 200
    return _form(waiting, status=status, username=username, alert=messages.alert(outcome), retired=retired)


@blueprint.route("/login/factor", methods=["GET", "POST"])
def factor() -> ResponseReturnValue:
    """« Confirmez que c'est vous »."""
    return factors.ask(current())


@blueprint.post("/login/factor/options")
def factor_options() -> ResponseReturnValue:
    """A passkey's challenge."""
    return factor_page.challenge(place(current()))


@blueprint.get("/help")
def help_page() -> ResponseReturnValue:
    """« Besoin d'aide pour se connecter ? » (JOURNEYS A11)."""
    return page("login/help.html", handle=request.args.get("r"))


@blueprint.get("/no-account")
def no_account() -> ResponseReturnValue:
    """Signed in, but this person has no account at this syndic: said to its owner only."""
    return page("login/no_account.html", handle=request.args.get("r"))


@blueprint.get("/dispute")
def dispute_page() -> ResponseReturnValue:
    """« Je n'ai pas choisi d'adresse »: says what will happen, and asks."""
    return _dispute(told=request.args.get("told") == "1")


@blueprint.post("/dispute")
def dispute() -> ResponseReturnValue:
    """Tell the syndic; nothing is suspended."""
    with transaction():
        disputes.tell(current(), disputes.account_of(current(), request.args.get("p", "")))
    return see_other(url_for("login.dispute_page", p=request.args.get("p"), r=request.args.get("r"), told=1))


def _dispute(*, told: bool) -> Response:
    signed = request.args.get("p", "")
    account = disputes.shown(disputes.account_of(current(), signed))
    return page("login/dispute.html", account=account, signed=signed, told=told, handle=request.args.get("r"))


def _begin(outcome: SignedIn, waiting: AuthorizationRequest | None) -> Response:
    handle = request.args.get("r")
    if outcome.account is not None:
        begun = sessions.begin_legacy(outcome.account, network.calling(), outcome.second_code)
        wanted = association.is_due(current()) or _wants_identity(waiting)
        target = "association.start" if wanted else "oidc.resume"
        response = see_other(url_for(target, r=handle))
        browser.remember_legacy(response, begun, current(), outcome.account)
        return response
    assert outcome.identity is not None  # noqa: S101 - a success is one or the other
    wish = Wish(persistent=request.form.get("remember") == "on", handle=handle)
    return after_password(outcome.identity, current(), wish)


def _wants_identity(waiting: AuthorizationRequest | None) -> bool:
    """Whether the extranet asked for more than a legacy sign-in (`acr_values`, OIDC Core §3.1.2.1)."""
    wanted = str(waiting.parameters.get("acr_values", "")).split() if waiting else []
    return bool(wanted) and "legacy" not in wanted


def _waiting() -> AuthorizationRequest | None:
    found = requests.find(current().id, request.args.get("r"))
    if found is not None:
        languages.prefer(str(found.parameters.get("ui_locales", "")))
    return found


def _form(waiting: AuthorizationRequest | None, *, status: int = 200, username: str = "", **values: Any) -> Response:
    client = current().client_by_id(waiting.client_id) if waiting else None
    headers.allow_forms_to(client.origins if client else ())
    return page("login/login.html", status, username=username, handle=request.args.get("r"), **values)
