"""The invited person's pages: from the mail's link to the question of B8, which is the association's own."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.association import service
from broker.association.confirmation_views import after_password
from broker.association.forms import prefilled, profile_form, recognised_form
from broker.association.invitations import entering
from broker.association.models import Association, BrowserProof
from broker.association.refusals import InvitationVoid, WrongOrder
from broker.association.views import PROOF
from broker.identities import authentication, messages, passphrases
from broker.identities.attempts import Slowed
from broker.sessions import devices
from broker.web import cookies, languages, network
from broker.web.pages import Failing, page, see_other
from config.database import transaction
from tenants.terms import service as terms
from tenants.terms import shown
from tenants.terms.markdown import render

blueprint = Blueprint("invitation", __name__, url_prefix="/invitation")


@blueprint.get("/<token>", endpoint="page")
def link_page(token: str) -> ResponseReturnValue:
    """What the mail's link opens: it changes nothing, and names nobody to whoever only holds the link."""
    entering.opened(token)
    return page("invitation/code.html", action=url_for("invitation.prove", token=token))


@blueprint.post("/<token>")
def prove(token: str) -> ResponseReturnValue:
    """The invited address, and the code that the inviter has told."""
    email = request.form.get("email", "")
    with transaction():
        invitation = entering.opened(token)
        held = entering.show_code(invitation, email, request.form.get("code", ""), languages.current())
    if held is None:
        return _wrong(invitation.state, token, email)
    response = see_other(url_for("invitation.person"))
    cookies.put(response, PROOF, held)
    return response


@blueprint.route("/person", methods=["GET", "POST"])
def person() -> ResponseReturnValue:
    """Who they are, and a password of their own; or, where the address has an identity, its own password."""
    _, attempt = entering.held(cookies.read(PROOF))
    if entering.bearer(attempt) is not None:
        return _known(attempt)
    return _new(attempt)


@blueprint.get("/terms", endpoint="terms_page")
def terms_page() -> ResponseReturnValue:
    """B5: the terms in full, the platform's and the account's syndic's."""
    _, attempt = entering.held(cookies.read(PROOF))
    return _terms(attempt)


@blueprint.post("/terms", endpoint="terms")
def accept_terms() -> ResponseReturnValue:
    """Keep the acceptance, and go on to the question."""
    _, attempt = entering.held(cookies.read(PROOF))
    if request.form.get("accept") != "on":
        sentence = gettext("Pour continuer, cochez la case « J'ai lu et j'accepte les présentes conditions ».")
        return _terms(attempt, alert=[Failing("accept", sentence)])
    with transaction():
        proof, attempt = entering.held(cookies.read(PROOF))
        seen = shown.read(attempt.id, request.form.get("shown", ""))
        texts = terms.current(attempt.syndic_id, seen.locale if seen else languages.current())
        if seen is None or not seen.is_all_of(texts):
            alert = gettext("Ces conditions viennent d'être mises à jour. Relisez-les ci-dessous, s'il vous plaît.")
            return _terms(attempt, alert=[alert])
        service.accept_terms(attempt, texts, network.caller())
        return after_password(proof)


@blueprint.get("/terms/print")
def terms_print() -> ResponseReturnValue:
    """The same text, to be printed."""
    _, attempt = entering.held(cookies.read(PROOF))
    versions = terms.current(attempt.syndic_id, languages.current())
    texts = [(row.version, render(row.text)) for row in versions]
    return page("association/terms_print.html", texts=texts, back=url_for("invitation.terms_page"))


def _known(attempt: Association) -> Response:
    form = recognised_form(attempt.locale)
    if request.method == "GET" or form.errors:
        return _person(attempt, recognised=True, alert=form.errors if request.method == "POST" else None)
    with transaction():
        proof, attempt = entering.held(cookies.read(PROOF))
        answer = entering.show_password(proof, attempt, form.password, devices.door())
        if isinstance(answer, authentication.Right):
            return _after_person(proof, attempt)
    status = 429 if isinstance(answer, Slowed) else 200
    return _person(attempt, status, recognised=True, alert=messages.alert(answer))


def _new(attempt: Association) -> Response:
    if request.method == "GET":
        return _person(attempt, form=prefilled("", languages.current(), dict(attempt.profile)))
    form = profile_form(attempt.email or "")
    proposed = passphrases.proposed() if request.form.get("action") == "propose" else None
    if proposed or form.errors:
        return _person(attempt, form=form, alert=[] if proposed else form.errors, proposed=proposed)
    with transaction():
        proof, attempt = entering.held(cookies.read(PROOF))
        entering.choose_password(proof, attempt, form.profile(), form.password, form.locale)
        return _after_person(proof, attempt)


def _after_person(proof: BrowserProof, attempt: Association) -> Response:
    """On to the terms; where they have been accepted already (an identity appeared meanwhile), to what comes next."""
    return see_other(url_for("invitation.terms_page")) if attempt.state == "draft" else after_password(proof)


def _person(attempt: Association, status: int = 200, **values: Any) -> Response:
    action = url_for("invitation.person")
    return page("association/profile.html", status, email=attempt.email, action=action, **values)


def _terms(attempt: Association, **values: Any) -> Response:
    if attempt.password_hash is None:
        raise WrongOrder("no password yet")
    versions = terms.current(attempt.syndic_id, languages.current())
    return page(
        "association/terms.html",
        texts=[(row.version, render(row.text)) for row in versions],
        shown=shown.signed(attempt.id, languages.current(), versions),
        action=url_for("invitation.terms"),
        print_address=url_for("invitation.terms_print"),
        **values,
    )


def _wrong(state: str, token: str, email: str) -> Response:
    if state != "open":
        raise InvitationVoid("five wrong codes")
    alert = gettext(
        "Adresse e-mail ou code invalide. Le code a 8 chiffres : demandez-le à la personne qui vous invite."
    )
    return page(
        "invitation/code.html", action=url_for("invitation.prove", token=token), email=email,
        alert=[Failing("email", alert)],
    )  # fmt: skip
