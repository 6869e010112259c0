"""The pages of an attempt at the extranet's side: B2 to B6."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.association import correcting, mailing, proofs, service
from broker.association.confirmation import masked_identifier
from broker.association.forms import address_form, prefilled, profile_form, recognised_form
from broker.association.models import Association
from broker.association.refusals import TooManyMails, TooSoon, WrongOrder
from broker.identities import passphrases
from broker.identities.emails import Address, masked
from broker.sessions import browser, devices
from broker.sessions.models import LoginSession
from broker.web import cookies, headers, languages, network
from broker.web.pages import Failing, page, see_other
from broker.web.syndics import bind, current
from config.database import transaction
from config.settings import settings
from tenants.legacy import second_codes
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.terms import service as terms
from tenants.terms import shown
from tenants.terms.markdown import render

PROOF = "proof"
WAITING_REFRESH_S = 10

blueprint = Blueprint("association", __name__, url_prefix="/t/<slug>/association")
bind(blueprint)


@blueprint.get("")
def start() -> ResponseReturnValue:
    """B2: why, the steps to come, and « Étape suivante »."""
    return page(
        "association/start.html",
        account=masked_identifier(_account().identifier),
        resumes=_resumable_address(),
        disables=current().legacy_disable == "after_confirmation" or _sign_in().second_code_id is not None,
        may_wait=service.may_wait(current()),
        deadline=current().association_deadline if service.is_due(current()) else None,
        handle=request.args.get("r"),
    )


@blueprint.get("/email")
def email_page() -> ResponseReturnValue:
    """B3: the address, with the one that the syndic knows shown masked."""
    return _address_page(request.args.get("r"))


@blueprint.post("/email")
def email() -> ResponseReturnValue:
    """Take the address, or ask back what looks like a slip of the finger."""
    handle = request.args.get("r")
    form = address_form(None if _wants_another() else _known_address())
    if form.address is None or form.suggestion:
        return _address_page(handle, typed=form.typed, alert=form.errors, suggestion=form.suggestion)
    if _wants_another() and form.address.canonical == service.living(_sign_in()).email:
        sentence = gettext("C'est l'adresse qui n'a pas pu être utilisée. Saisissez-en une autre.")
        return _address_page(handle, typed=form.typed, alert=[Failing("email", sentence)])
    try:
        with transaction():
            return _with_address(form.address, handle)
    except TooManyMails as refused:
        return _address_page(handle, 429, typed=form.typed, alert=[gettext(refused.public)])


@blueprint.get("/profile")
def profile_page() -> ResponseReturnValue:
    """B4: who they are, and a password of their own; the same page for known and unknown addresses."""
    attempt = service.living(_sign_in())
    form = prefilled(_known_name(), languages.current(), dict(attempt.profile))
    return _profile_page(attempt, form=form)


@blueprint.post("/profile")
def profile() -> ResponseReturnValue:
    """Take them, or propose a password where that was asked."""
    attempt = service.living(_sign_in())
    form = recognised_form(attempt.locale) if _is_recognised(attempt) else profile_form(_chosen_address(attempt))
    proposed = passphrases.proposed() if request.form.get("action") == "propose" else None
    if proposed or form.errors:
        return _profile_page(attempt, form=form, alert=[] if proposed else form.errors, proposed=proposed)
    with transaction():
        service.choose_profile(service.living(_sign_in()), form.profile(), form.password, form.locale)
    return see_other(url_for("association.terms_page", r=request.args.get("r")))


@blueprint.get("/terms", endpoint="terms_page")
def terms_page() -> ResponseReturnValue:
    """B5: the terms in full."""
    return _terms()


@blueprint.post("/terms", endpoint="terms")
def accept_terms() -> ResponseReturnValue:
    """Keep the acceptance and send the mail."""
    handle = request.args.get("r")
    if request.form.get("accept") != "on":
        sentence = gettext("Pour continuer, cochez la case « J'ai lu et j'accepte les présentes conditions ».")
        return _terms(alert=[Failing("accept", sentence)])
    with transaction():
        attempt = service.living(_sign_in())
        seen = shown.read(attempt.id, request.form.get("shown", ""))
        texts = terms.current(current().id, seen.locale if seen else languages.current())
        if seen is None or not seen.is_all_of(texts):
            alert = gettext("Ces conditions viennent d'être mises à jour. Relisez-les ci-dessous, s'il vous plaît.")
            return _terms(alert=[alert])
        service.accept_terms(attempt, texts, network.caller())
    return see_other(url_for("association.waiting", r=handle))


@blueprint.get("/terms/print")
def terms_print() -> ResponseReturnValue:
    """The same text, to be printed."""
    versions = terms.current(current().id, languages.current())
    return page("association/terms_print.html", texts=[(row.version, render(row.text)) for row in versions])


@blueprint.get("/waiting")
def waiting() -> ResponseReturnValue:
    """B6: signed in, the mail on its way; moves on by itself once confirmed."""
    attempt = _attempt_of_browser()
    handle = request.args.get("r")
    if attempt.state == "confirmed":
        return see_other(url_for("association.done", r=handle))
    if attempt.state == "draft":
        raise WrongOrder("the terms are not accepted yet")
    return _waiting(attempt)


@blueprint.post("/waiting/resend")
def resend() -> ResponseReturnValue:
    """« Renvoyer le mail »."""
    try:
        with transaction():
            mailing.resend(service.living(_sign_in()), network.caller())
    except (TooSoon, TooManyMails) as refused:
        return _waiting(service.living(_sign_in()), 429, alert=[gettext(refused.public)])
    return see_other(url_for("association.waiting", r=request.args.get("r")))


@blueprint.post("/waiting/code")
def code() -> ResponseReturnValue:
    """The code typed in the browser of the attempt (JOURNEYS B6)."""
    with transaction():
        attempt = service.living(_sign_in())
        token = proofs.by_code(attempt, request.form.get("code", "")) if attempt.state == "waiting" else None
    if token is None:
        alert = gettext("Ce code n'est pas le bon. Vérifiez les 8 chiffres dans le dernier mail reçu.")
        return _waiting(service.living(_sign_in()), alert=[Failing("code", alert)])
    response = see_other(url_for("confirmation.review"))
    cookies.put(response, PROOF, token)
    return response


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """« Ce compte est associé », in the browser where it began."""
    attempt = _attempt_of_browser()
    if attempt.state != "confirmed":
        return see_other(url_for("association.waiting", r=request.args.get("r")))
    _let_forms_end_at_clients()
    signed_in = browser.legacy_session(current()) or browser.identity_session()
    return page("association/done.html", handle=attempt.request_handle, signed_in=signed_in is not None)


def _with_address(address: Address, handle: str | None) -> Response:
    """Begin the attempt or go on with this browser's, with that address."""
    attempt, fresh = service.begin(_sign_in(), current(), handle, languages.current(), cookies.read(_attempt_cookie()))
    if attempt.state == "waiting" and not _must_choose_anew(attempt):
        correcting.correct(attempt, address, network.caller())
        return see_other(url_for("association.waiting", r=handle))
    if attempt.state == "waiting" and attempt.email == address.canonical:
        return see_other(url_for("association.waiting", r=handle))
    if attempt.state == "waiting":
        correcting.start_over(attempt)
    service.choose_address(attempt, address)
    response = see_other(url_for("association.profile_page", r=handle))
    if fresh is not None:
        cookies.put(response, _attempt_cookie(), fresh, settings().timings.mail_link_s)
    return response


def _wants_another() -> bool:
    """Whether this is « Utiliser une autre adresse », after a refusal (JOURNEYS C2)."""
    return request.args.get("another") == "1"


def _must_choose_anew(attempt: Association) -> bool:
    """Whether the password that was typed was meant for the identity of the former address: another one needs its own.

    Whoever corrects a slip of the finger keeps what was chosen.
    """
    return _wants_another() or _is_recognised(attempt)


def _address_page(handle: str | None, status: int = 200, **values: Any) -> Response:
    another = _wants_another()
    known = None if another else _known_address()
    attempt = service.of_sign_in(_sign_in())
    waits = attempt is not None and attempt.state == "waiting"
    resumes = None if waits or another else _resumable_address()
    shown = {"known": masked(known) if known else None, "resumes": resumes, "typed": resumes, **values}
    return page("association/email.html", status, handle=handle, correcting=waits, another=another, **shown)


def _resumable_address() -> str | None:
    """The address of the attempt that this browser has under way for this account, as it was typed."""
    attempt = service.resumable(_sign_in(), cookies.read(_attempt_cookie()))
    return attempt.email_typed if attempt is not None else None


def _profile_page(attempt: Association, **values: Any) -> Response:
    shown = {"email": _chosen_address(attempt), "recognised": _is_recognised(attempt), **values}
    return page("association/profile.html", handle=request.args.get("r"), **shown)


def _is_recognised(attempt: Association) -> bool:
    """Whether this browser has been used by the identity of that address before: it alone is told so (JOURNEYS B4)."""
    return devices.recognises(_chosen_address(attempt))


def _terms(**values: Any) -> Response:
    attempt = service.living(_sign_in())
    if attempt.password_hash is None:
        raise WrongOrder("no password yet")
    versions = terms.current(current().id, languages.current())
    texts = [(row.version, render(row.text)) for row in versions]
    signed = shown.signed(attempt.id, languages.current(), versions)
    return page("association/terms.html", texts=texts, shown=signed, handle=request.args.get("r"), **values)


def _waiting(attempt: Association, status: int = 200, **values: Any) -> Response:
    return page(
        "association/waiting.html",
        status,
        email=attempt.email,
        attempt=attempt,
        mail_state=mailing.state(attempt),
        code_expires_at=mailing.code_expires_at(attempt),
        wait_s=mailing.seconds_before_resend(attempt),
        handle=request.args.get("r"),
        refresh_s=None if values else WAITING_REFRESH_S,
        **values,
    )


def _chosen_address(attempt: Association) -> str:
    if attempt.email is None:
        raise WrongOrder("no address yet")
    return attempt.email


def _let_forms_end_at_clients() -> None:
    headers.allow_forms_to(tuple(origin for client in current().clients.values() for origin in client.origins))


def _sign_in() -> LoginSession:
    found = browser.legacy_session(current())
    if found is None:
        raise browser.NotSignedIn("no legacy session")
    return found


def _account() -> LegacyAccount:
    account_id = _sign_in().account_id
    assert account_id is not None  # noqa: S101 - a legacy session has an account (checked by the database)
    return legacy.get(current().id, account_id)


def _known_address() -> str | None:
    """The address that the syndic knows: of whoever has the account's own secret, never of a second code's holder."""
    return None if _sign_in().second_code_id else _account().email


def _known_name() -> str:
    """Who the syndic says that holds what was shown."""
    code_id = _sign_in().second_code_id
    return second_codes.get(current().id, code_id).holder if code_id else _account().holder


def _attempt_cookie() -> str:
    """The cookie by which this browser finds its attempt again: one per syndic, as for legacy sign-ins."""
    return f"attempt_{current().slug}"


def _attempt_of_browser() -> Association:
    return service.of_browser(browser.legacy_sign_in(current().slug))
