"""The pages of a mail's link, and of « Confirmer »: B7 and B8. Anybody may open them; only proofs move them on."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.association import confirmation, grounds, proofs
from broker.association.models import Association, BrowserProof
from broker.association.refusals import AlreadyLinked, IdentityAppeared, LinkVoid, NotPartners, ProofGone
from broker.association.views import PROOF
from broker.identities import service as identities
from broker.identities.factors import service as factors
from broker.identities.factors.refusals import CheckGone, FactorNeeded
from broker.identities.factors.strength import Shown
from broker.sessions import browser, factor_page
from broker.sessions import service as sessions
from broker.web import cookies, network
from broker.web.pages import Failing, page, see_other
from config.database import transaction
from tenants.clients import registry
from tenants.legacy import service as legacy
from tenants.syndics import service as syndics
from tenants.terms import service as terms
from tenants.terms.markdown import render

PLACE = "association"
blueprint = Blueprint("confirmation", __name__, url_prefix="/confirm")


@blueprint.get("/<token>", endpoint="page")
def link_page(token: str) -> ResponseReturnValue:
    """B7: what the mail's link opens. It changes nothing, and names no syndic to whoever only holds the link."""
    proofs.opened(token)
    return page("association/sign_in.html", action=url_for("confirmation.sign_in", token=token))


@blueprint.post("/<token>")
def sign_in(token: str) -> ResponseReturnValue:
    """The attempt's address and the password that counts for it."""
    email = request.form.get("email", "")
    with transaction():
        attempt = proofs.opened(token)
        proved = proofs.by_link(attempt, email, request.form.get("password", ""))
        response = after_password(proofs.held(proved)[0]) if proved else None
    if proved is None or response is None:
        return _wrong(attempt, email, url_for("confirmation.sign_in", token=token))
    cookies.put(response, PROOF, proved)
    return response


@blueprint.route("/password", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    """B6 to B7: after a right code, the password of the identity that the address has by now."""
    email, here = request.form.get("email", ""), url_for("confirmation.prove")
    with transaction():
        proof, attempt = proofs.held(cookies.read(PROOF))
        if _is_invited(attempt):
            return see_other(url_for("invitation.person"))
        if request.method == "GET":
            return page("association/sign_in.html", action=here)
        if proofs.show_password(proof, attempt, email, request.form.get("password", "")):
            return after_password(proof)
    return _wrong(attempt, email, here)


@blueprint.route("/factor", methods=["GET", "POST"])
def factor() -> ResponseReturnValue:
    """B7, of an identity with a second factor: « Confirmez que c'est vous »."""
    try:
        if request.method == "GET":
            return _ask_for_factor()
        with transaction():
            proof, _ = proofs.held(cookies.read(PROOF))
            answer = factor_page.answered(PLACE)
            if answer.shown is not None:
                proofs.show_factor(proof, answer.identity, answer.shown)
                return factor_page.forget(see_other(url_for("confirmation.review")), PLACE)
        return _ask_for_factor(factor_page.wrong(answer))
    except CheckGone:
        return see_other(url_for("confirmation.prove"))


@blueprint.post("/factor/options")
def factor_options() -> ResponseReturnValue:
    """A passkey's challenge."""
    return factor_page.challenge(PLACE)


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """B8: both sides by name, and the question."""
    proof, attempt = proofs.held(cookies.read(PROOF))
    if not proof.password_shown:
        return see_other(url_for("confirmation.prove"))
    if proofs.lacks_factor(proof):
        return see_other(url_for("confirmation.factor"))
    return _review(attempt)


@blueprint.post("/review")
def decide() -> ResponseReturnValue:
    """« Confirmer » or « Ce n'est pas moi »."""
    try:
        with transaction():
            proof, attempt = proofs.held(cookies.read(PROOF))
            if request.form.get("decision") != "confirm":
                confirmation.contest(attempt)
                return _forget(page("association/contested.html"))
            confirmed = confirmation.confirm(proof, attempt, network.calling())
            return _signed_in(confirmed, proofs.shown_with(proof))
    except (IdentityAppeared, FactorNeeded):
        return see_other(url_for("confirmation.prove"))
    except ProofGone:
        if proofs.kept_its_word(cookies.read(PROOF)) is None:
            raise
        return see_other(url_for("confirmation.finished"))
    except NotPartners as refused:
        return _not_partners(gettext(refused.public))
    except AlreadyLinked:
        with transaction():
            confirmation.give_up(cookies.read(PROOF))
        return _forget(page("association/already_linked.html", 409))


@blueprint.get("/terms")
def accepted_terms() -> ResponseReturnValue:
    """The very texts that this attempt has accepted, to be read again before « Confirmer »."""
    _, attempt = proofs.held(cookies.read(PROOF))
    texts = [(each.version, render(each.text)) for each in terms.accepted(attempt.id)]
    return page("association/accepted_terms.html", texts=texts)


@blueprint.get("/finished")
def finished() -> ResponseReturnValue:
    """« Ce compte est associé », in the browser that confirmed."""
    return page("association/finished.html")


def after_password(proof: BrowserProof) -> Response:
    """Go on to the question, or to the second factor first where the identity has one."""
    person = identities.by_id(proof.identity_id) if proof.identity_id else None
    if person is None or not factors.enrolled(person.id).any:
        return see_other(url_for("confirmation.review"))
    return factor_page.ask(see_other(url_for("confirmation.factor")), person, PLACE)


def _ask_for_factor(alert: list[str] | None = None) -> Response:
    proofs.held(cookies.read(PROOF))
    return factor_page.shown(PLACE, url_for("confirmation.factor"), url_for("confirmation.factor_options"), alert)


def _signed_in(confirmed: confirmation.Confirmed, shown: Shown) -> Response:
    """The person has shown mailbox, password and, where enrolled, a second factor: this browser is signed in."""
    begun = sessions.begin_identity(
        confirmed.identity,
        network.calling(),
        shown=shown,
        persistent=False,
        origin=confirmed.link.syndic_id,
        renews=browser.identity_session(),
    )
    syndic = syndics.by_id(confirmed.link.syndic_id)
    began = browser.legacy_sign_in(syndic.slug)
    here = began is not None and began.id == confirmed.attempt.session_id
    target = url_for("association.done", slug=syndic.slug) if here else url_for("confirmation.finished")
    response = _forget(see_other(target))
    browser.remember_identity(response, begun)
    return response


def _not_partners(message: str) -> Response:
    """Said to the owner only; the attempt still waits, for another address.

    Only the browser of the attempt may give it one: elsewhere the owner begins anew at the extranet's own door.
    """
    _, attempt = proofs.held(cookies.read(PROOF))
    syndic = syndics.by_id(attempt.syndic_id)
    began = browser.legacy_session_of(syndic.slug)
    here = began is not None and began.id == attempt.session_id
    invited = _is_invited(attempt)
    own = url_for("association.email_page", slug=syndic.slug, r=attempt.request_handle, another=1) if here else None
    picture = registry.registered(syndic.slug)
    door = picture.door if picture else None
    values = {"syndic_name": syndic.name, "contact": dict(syndic.contact), "door": door, "invited": invited}
    return page("association/not_partners.html", 409, alert=[message], another=own, **values)


def _review(attempt: Association) -> Response:
    account = legacy.get(attempt.syndic_id, attempt.account_id)
    syndic = syndics.by_id(attempt.syndic_id)
    identifier = confirmation.masked_identifier(account.identifier)
    return page(
        "association/review.html",
        account=identifier,
        syndic_name=syndic.name,
        email=attempt.email,
        accepted=terms.accepted(attempt.id),
        invited=_is_invited(attempt),
    )


def _is_invited(attempt: Association) -> bool:
    return attempt.legacy_proof == grounds.INVITATION


def _wrong(attempt: Association, email: str, action: str) -> Response:
    if attempt.state != "waiting":
        raise LinkVoid(f"attempt {attempt.id} has used its tries")
    alert = gettext(
        "Adresse e-mail ou mot de passe invalide. Si vous avez oublié le mot de passe choisi tout à l'heure, "
        "recommencez depuis votre espace client avec vos anciens identifiants."
    )
    return page("association/sign_in.html", action=action, email=email, alert=[Failing("email", alert)])


def _forget(response: Response) -> Response:
    cookies.drop(response, PROOF)
    return response
