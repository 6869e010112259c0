"""« Sécurité »: the second factors of a person, added and removed by who has just typed the password again.

Where a factor is enrolled already, the session must have shown one too (`Access.CONFIRMED`): one that is older than
the factor, or the password alone, changes nothing.
"""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext
from markupsafe import Markup

from broker.account.person import current_person, current_session
from broker.identities.factors import apps, passkeys, recovery_codes
from broker.identities.factors import service as factors
from broker.identities.factors.models import FactorCheck
from broker.identities.factors.refusals import CheckGone, NotAdded
from broker.identities.factors.strength import ONE_TIME_CODE, weaker
from broker.sessions import factor_page
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web import network
from broker.web.pages import own_page, page, see_other
from config.database import transaction
from config.errors import NotFound

PLACE = "account"
APP = "app"
"""How a page names the app; passkeys have names of their own."""

blueprint = Blueprint("security", __name__, url_prefix="/account/security")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The factors with when they were added and last used."""
    person = current_person()
    kept = factors.listed(person.id)
    has_app = any(each.public_id is None for each in kept)
    return page(
        "account/security.html", factors=kept, has_app=has_app, codes_left=recovery_codes.left(person.id), app=APP
    )


@blueprint.route("/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """« Confirmez que c'est vous », before a change in a session that has shown no factor yet (`Access.CONFIRMED`)."""
    onward = own_page(request.args.get("next")) or url_for("security.index")
    here, login = url_for("security.confirm", next=onward), current_session()
    if not sessions.is_confirmed(login):
        return see_other(url_for("account.again", next=here))
    try:
        return _answer(login, onward, here) if request.method == "POST" else _ask(login, here)
    except CheckGone:
        with transaction():
            return factor_page.ask(see_other(here), current_person(), PLACE, session=str(login.id))


@blueprint.post("/confirm/options")
def confirm_options() -> ResponseReturnValue:
    """A passkey's challenge."""
    return factor_page.challenge(PLACE)


@blueprint.route("/passkey", methods=["GET", "POST"])
def passkey() -> ResponseReturnValue:
    """« Ajouter une clé d'accès »."""
    if request.method == "GET":
        return page("account/passkey.html", name="")
    name = request.form.get("name", "")
    try:
        with transaction():
            added = (current_person(), current_session().id, request.form.get("passkey", ""), name)
            codes = factors.add_passkey(*added, network.calling())
            _strengthen_to_mfa(current_session())
            return _added(codes)
    except NotAdded as refused:
        return page("account/passkey.html", name=name, alert=[gettext(refused.public)])


@blueprint.post("/passkey/options")
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to make one."""
    with transaction():
        options = passkeys.creation_options(current_person(), current_session().id)
    return Response(options, mimetype="application/json")


@blueprint.route("/app", methods=["GET", "POST"])
def app() -> ResponseReturnValue:
    """« Ajouter une application d'authentification »: what it is, then the picture, then a first code."""
    if request.method == "GET":
        return _app()
    person, login = current_person(), current_session()
    with transaction():
        if request.form.get("action") != "confirm":
            apps.begin(person.id, login.id)
            return see_other(url_for("security.app"))
        try:
            codes = factors.confirm_app(person, login.id, request.form.get("code", ""), network.calling())
        except CheckGone:
            return see_other(url_for("security.app"))
        if codes is not None:
            _strengthen_to_mfa(login)
            return _added(codes)
    return _app(alert=[gettext("Ce code n'est pas le bon. Attendez que l'application en affiche un autre.")])


@blueprint.route("/codes", methods=["GET", "POST"])
def codes() -> ResponseReturnValue:
    """« Codes de récupération »: how many are left, and ten new ones."""
    person = current_person()
    if not factors.enrolled(person.id).any:
        return see_other(url_for("security.index"))
    if request.method == "GET":
        return page("account/recovery_codes.html", codes=None, codes_left=recovery_codes.left(person.id))
    with transaction():
        return _added(factors.renew_codes(person, network.calling()))


@blueprint.route("/remove/<named>", methods=["GET", "POST"])
def remove(named: str) -> ResponseReturnValue:
    """« Retirer »: asks, then does."""
    person = current_person()
    if request.method == "POST":
        with transaction():
            factors.remove(person, None if named == APP else named, network.calling())
        return see_other(url_for("security.index"))
    kept = factors.listed(person.id)
    found = next((each for each in kept if (each.public_id or APP) == named), None)
    if found is None:
        raise NotFound("no such factor of this person")
    return page("account/factor_remove.html", factor=found, last=len(kept) == 1)


def _ask(login: LoginSession, here: str, alert: list[str] | None = None) -> Response:
    _refuse_others(factor_page.waiting(PLACE), login)
    return factor_page.shown(PLACE, here, url_for("security.confirm_options"), alert)


def _answer(login: LoginSession, onward: str, here: str) -> Response:
    with transaction():
        answer = factor_page.answered(PLACE)
        _refuse_others(answer.check, login)
        if answer.shown is not None:
            sessions.strengthen(login, answer.shown)
            return factor_page.forget(see_other(onward), PLACE)
    return _ask(login, here, factor_page.wrong(answer))


def _refuse_others(check: FactorCheck, login: LoginSession) -> None:
    """What was begun in one session strengthens no other one."""
    if check.after.get("session") != str(login.id):
        raise CheckGone(f"check {check.id} is of another session")


def _app(**values: Any) -> Response:
    person = current_person()
    row = apps.under_way(person.id, current_session().id)
    if factors.enrolled(person.id).app:
        return see_other(url_for("security.index"))
    if row is not None:
        title = gettext("Image à viser avec l'application d'authentification")
        drawn = Markup(apps.picture(row, person.email_typed, title))  # noqa: S704 - drawn by us, the title escaped
        values |= {"picture": drawn, "groups": apps.key_groups(row)}
    return page("account/app.html", **values)


def _added(made: list[str]) -> Response:
    """The new recovery codes, which are shown this once; without new ones, the list."""
    return page("account/recovery_codes.html", codes=made) if made else see_other(url_for("security.index"))


def _strengthen_to_mfa(login: LoginSession) -> None:
    """Who has just typed the password again and used the new factor has shown both."""
    if weaker(login.acr, ONE_TIME_CODE.acr):
        sessions.strengthen(login, ONE_TIME_CODE)
