"""From the interstitial to « Ce compte est associé », and « Ce n'est pas moi »."""

from datetime import timedelta
from typing import Any

from broker.association.forms import ProfileForm
from broker.association.models import Association
from broker.web.pages import Failing
from tenants.terms.service import Accepted
from tests.broker.pages.gallery.state import (
    HANDLE,
    INCOMPLETE,
    LEFT,
    LONG_EMAIL,
    NOW,
    STRANGERS,
    TERMS,
    TOLD,
    UNREAD,
    WEAK,
    State,
    neutral,
    profile,
)

NO_PHONE = Failing("phone", "Ce numéro de téléphone n'est pas complet. Laissez-le vide si vous préférez.")
WRONG_PAIR = Failing("email", "Adresse e-mail ou mot de passe invalide.")


def attempt(state: str = "waiting") -> Association:
    """An attempt as the waiting page gets it."""
    return Association(state=state, request_handle=HANDLE, expires_at=NOW + timedelta(days=7))


def _waiting(mail_state: str, **values: Any) -> State:
    usual = {"email": LONG_EMAIL, "attempt": attempt(), "wait_s": 0, "handle": HANDLE, "refresh_s": 10}
    usual["code_expires_at"] = NOW + timedelta(hours=24)
    return State("association/waiting.html", {**usual, "mail_state": mail_state, **values})


def _email(**values: Any) -> State:
    return State("association/email.html", {"known": "j•••@gmail.com", "handle": HANDLE, "correcting": False, **values})


def _profile(form: ProfileForm | None = None, **values: Any) -> State:
    return State(
        "association/profile.html", {"form": form or profile(), "email": LONG_EMAIL, "handle": HANDLE, **values}
    )


def _start(**values: Any) -> State:
    usual = {"account": "…4317", "disables": True, "may_wait": True, "deadline": None, "handle": HANDLE}
    return State("association/start.html", {**usual, **values})


def _announced(**values: Any) -> State:
    return State("login/announced.html", {"account": "…4317", "needs_secret": False, "ticket": "t1cket", **values})


STATES: dict[str, State] = {
    "start": _start(),
    "start-resumes": _start(resumes=LONG_EMAIL),
    "start-deadline": _start(deadline=NOW + timedelta(days=60)),
    "start-past": _start(may_wait=False, disables=False),
    "email": _email(),
    "email-unknown": _email(known=None),
    "email-wrong": _email(typed="jeanne@", alert=[INCOMPLETE], suggestion=None),
    "email-suggestion": _email(typed="jeanne@gmial.com", suggestion="jeanne@gmail.com", alert=[]),
    "email-correcting": _email(correcting=True),
    "email-resumes": _email(resumes=LONG_EMAIL, typed=LONG_EMAIL),
    "email-another": _email(known=None, correcting=True, another=True),
    "email-another-same": _email(
        known=None, correcting=True, another=True, typed=LONG_EMAIL, alert=[Failing("email", "Saisissez-en une autre.")]
    ),
    "email-capped": _email(typed=LONG_EMAIL, alert=["Cette adresse a déjà reçu beaucoup de mails aujourd'hui."]),
    "profile": _profile(),
    "profile-weak": _profile(
        profile(phone="12"),
        alert=[NO_PHONE, WEAK],
    ),
    "profile-recognised": _profile(recognised=True),
    "profile-recognised-empty": _profile(recognised=True, alert=[Failing("password", "Saisissez votre mot de passe.")]),
    "profile-proposed": _profile(proposed="lampe-jardin-ruban-girafe", alert=[]),
    "terms": State("association/terms.html", {"texts": [("1.0", TERMS), ("1.2", TERMS)], "handle": HANDLE}),
    "terms-unread": State(
        "association/terms.html",
        {"texts": [("1.0", TERMS)], "alert": [UNREAD], "handle": HANDLE},
    ),
    "terms-print": State("association/terms_print.html", {"texts": [("1.0", TERMS)]}),
    "waiting": _waiting("queued", wait_s=42),
    "waiting-accepted": _waiting("accepted"),
    "waiting-deferred": _waiting("deferred"),
    "waiting-capped": _waiting("capped", code_expires_at=None),
    "waiting-again-too-soon": _waiting("accepted", refresh_s=None, wait_s=30, alert=["Attendez une minute."]),
    "waiting-refused": _waiting("refused"),
    "waiting-bounced": _waiting("bounced"),
    "waiting-wrong-code": _waiting("accepted", refresh_s=None, alert=[Failing("code", "Ce code n'est pas le bon.")]),
    "waiting-ended": _waiting("accepted", attempt=attempt("ended")),
    "done": State("association/done.html", {"handle": HANDLE, "signed_in": True}),
    "done-signed-out": State("association/done.html", {"handle": None, "signed_in": False}),
    "sign-in": neutral("association/sign_in.html", action="/confirm/t0ken"),
    "sign-in-wrong": neutral(
        "association/sign_in.html",
        action="/confirm/t0ken",
        email=LONG_EMAIL,
        alert=[WRONG_PAIR],
    ),
    "review": neutral(
        "association/review.html",
        account="…4317",
        syndic_name="Cabinet Mercier & Filles",
        email=LONG_EMAIL,
        accepted=[Accepted("2026-11", "", True, NOW), Accepted("1.2", "", False, NOW)],
    ),
    "accepted-terms": neutral("association/accepted_terms.html", texts=[("1.0", TERMS), ("1.2", TERMS)]),
    "already-linked": neutral("association/already_linked.html"),
    "contest": neutral("association/contest.html", action="/contest/t0ken"),
    "contest-wrong": neutral("association/contest.html", action="/contest/t0ken", alert=["Ce n'est pas le bon."]),
    "contest-review": neutral("association/contest_review.html", told=TOLD, handle="h4ndle"),
    "contest-done": neutral("association/contest_done.html"),
    "announced": _announced(),
    "announced-asks": _announced(needs_secret=True),
    "announced-wrong": _announced(needs_secret=True, alert=["Mot de passe invalide", LEFT]),
    "announced-unavailable": _announced(needs_secret=True, unavailable="Le service de votre syndic ne répond pas."),
    "contested": neutral("association/contested.html"),
    "not-partners": neutral("association/not_partners.html", **STRANGERS, another=None, door=None),
    "not-partners-door": neutral("association/not_partners.html", **STRANGERS, another=None, door="/elsewhere"),
    "not-partners-here": neutral("association/not_partners.html", **STRANGERS, another="/elsewhere", door=None),
    "finished": neutral("association/finished.html", address=""),
}
