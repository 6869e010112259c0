"""New terms after a sign-in: shown in full and accepted before the session opens anything (JOURNEYS B5).

The session stands already and waits (`broker.sessions.terms`): whoever goes around this page finds the login page.
"""

import re
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.identities import service as identities
from broker.sessions import browser, farewell, terms
from broker.sessions.models import LoginSession
from broker.web import cookies, headers, languages, network
from broker.web.pages import Failing, page, see_other
from config.database import transaction
from tenants.clients.registry import registered
from tenants.syndics import service as syndics
from tenants.terms import shown
from tenants.terms.markdown import render
from tenants.terms.renewal import Due

_LETTER = r"[\w.~!$&'()*+,;=:@%-]"
OWN_ADDRESS = re.compile(rf"/(?:{_LETTER}+(?:/{_LETTER}+)*/?(?:\?(?:{_LETTER}|[/?])*)?)?", re.ASCII)
"""Addresses of ours that may follow: a path and a query (RFC 3986 §3.3, §3.4), never another host (open redirect)."""
blueprint = Blueprint("terms_again", __name__, url_prefix="/terms")


@blueprint.get("", endpoint="page")
def terms_page() -> ResponseReturnValue:
    """The new terms in full; where nothing waits any more, the way that the sign-in was going."""
    waiting = browser.session_with_terms_due()
    return see_other(_target()) if waiting is None else _form(waiting)


@blueprint.get("/print", endpoint="print")
def print_page() -> ResponseReturnValue:
    """The same texts, to be printed."""
    waiting = browser.session_with_terms_due()
    if waiting is None:
        return see_other(_target())
    _brand(waiting)
    return page("login/terms_print.html", due=_with_names(terms.due(waiting, languages.current())), target=_target())


@blueprint.post("", endpoint="accept")
def accept() -> ResponseReturnValue:
    """Keep the acceptance of exactly what was shown, and go on."""
    waiting = browser.session_with_terms_due()
    if waiting is None:
        return see_other(_target())
    with transaction():
        terms.locked(waiting)
        refused = _accepted(waiting) if waiting.terms_due else None
    return see_other(_target()) if refused is None else _form(waiting, alert=[refused])


@blueprint.post("/leave")
def leave() -> ResponseReturnValue:
    """« Me déconnecter »: the session ends, nothing was accepted, and nothing is lost."""
    waiting = browser.session_with_terms_due()
    otherwise = url_for("portal.logged_out")
    response = farewell.log_out([waiting], None, otherwise=otherwise) if waiting else see_other(otherwise)
    cookies.drop(response, browser.IDENTITY)
    return response


def _accepted(waiting: LoginSession) -> str | None:
    """Accept what the form says was shown. Returns why not: the page comes anew, with what stands now."""
    seen = shown.read(waiting.id, request.form.get("shown", ""))
    due = terms.due(waiting, seen.locale if seen else languages.current())
    if not due:
        terms.release(waiting)
        return None
    if seen is None or not seen.is_all_of(each.text for each in due):
        return str(gettext("Ces conditions viennent d'être mises à jour. Relisez-les ci-dessous, s'il vous plaît."))
    if request.form.get("accept") != "on":
        sentence = gettext("Pour continuer, cochez la case « J'ai lu et j'accepte les présentes conditions ».")
        return Failing("accept", sentence)
    assert waiting.identity_id is not None  # noqa: S101 - only an identity's session waits for terms
    person = identities.by_id(waiting.identity_id)
    assert person is not None  # noqa: S101 - the session refers to it
    terms.accept(waiting, person.email, due, network.caller())
    return None


def _form(waiting: LoginSession, **values: Any) -> Response:
    _brand(waiting)
    locale = languages.current()
    due = terms.due(waiting, locale)
    signed = shown.signed(waiting.id, locale, [each.text for each in due])
    return page("login/terms_again.html", due=_with_names(due), shown=signed, target=_target(), **values)


def _with_names(due: list[Due]) -> list[dict[str, Any]]:
    """The texts with the name of the party whose terms they are, as the templates show them."""
    names = syndics.names({each.text.syndic_id for each in due if each.text.syndic_id})
    return [
        {
            "name": names[each.text.syndic_id] if each.text.syndic_id else "Trousseau",
            "version": each.text.version,
            "locale": each.text.locale,
            "since": each.since,
            "accepted_at": each.accepted_at,
            "text": render(each.text.text),
        }
        for each in due
    ]


def _brand(waiting: LoginSession) -> None:
    """Show the page as the syndic's where the person signed in, and let its form end at that syndic's extranets."""
    origin = terms.origin_of(waiting)
    syndic = registered(syndics.by_id(origin).slug) if origin else None
    if syndic is not None:
        g.syndic = syndic
        headers.allow_forms_to(tuple(each for client in syndic.clients.values() for each in client.origins))


def _target() -> str:
    """Where the sign-in was going: an address of ours."""
    wanted = request.args.get("next", "")
    return wanted if OWN_ADDRESS.fullmatch(wanted) else url_for("portal.home")
