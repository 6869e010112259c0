"""« Confirmez que c'est vous » between the login page and the session, at a syndic and at the portal."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.identities.factors.refusals import CheckGone
from broker.login.beginning import Wish, address, begin, place
from broker.sessions import browser, factor_page, requests
from broker.web import headers, languages
from broker.web.pages import own_page, see_other
from config.database import transaction
from tenants.clients.pictures import RegisteredSyndic


def ask(syndic: RegisteredSyndic | None) -> ResponseReturnValue:
    """The page, and what its forms send."""
    try:
        return _answer(syndic) if request.method == "POST" else _shown(syndic)
    except CheckGone:
        if browser.identity_session() is None:
            raise
        return _on_with_the_session(syndic)  # another tab has finished this sign-in


def _answer(syndic: RegisteredSyndic | None) -> Response:
    with transaction():
        answer = factor_page.answered(place(syndic))
        if answer.shown is not None:
            response = begin(answer.identity, syndic, Wish(**answer.after), answer.shown)
            return factor_page.forget(response, place(syndic))
    return _shown(syndic, factor_page.wrong(answer))


def _shown(syndic: RegisteredSyndic | None, alert: list[str] | None = None) -> Response:
    _let_forms_end_at_the_extranet(syndic)
    options = url_for("login.factor_options" if syndic else "portal.factor_options")
    return factor_page.shown(place(syndic), address(syndic, _from_the_address()), options, alert)


def _let_forms_end_at_the_extranet(syndic: RegisteredSyndic | None) -> None:
    waiting = requests.find(syndic.id, request.args.get("r")) if syndic else None
    client = syndic.client_by_id(waiting.client_id) if syndic and waiting else None
    if waiting is not None:
        languages.prefer(str(waiting.parameters.get("ui_locales", "")))
    headers.allow_forms_to(client.origins if client else ())


def _from_the_address() -> Wish:
    """Only so that the address stays the same: what counts is kept with the check."""
    return Wish(False, request.args.get("r"), own_page(request.args.get("next")))


def _on_with_the_session(syndic: RegisteredSyndic | None) -> Response:
    if syndic:
        return see_other(url_for("oidc.resume", r=request.args.get("r")))
    return see_other(own_page(request.args.get("next")) or url_for("account.opening_default"))
