"""Signing in, signing out, a forgotten password, and what stands between the password and the extranet."""

from typing import Any

from broker.identities.factors.service import Enrolled
from broker.login.reviewing import Opened
from tenants.clients.pictures import RegisteredSyndic
from tests.broker.pages.gallery.state import (
    HANDLE,
    INCOMPLETE,
    LEFT,
    LONG_EMAIL,
    NOW,
    TERMS,
    UNREAD,
    WEAK,
    State,
    neutral,
    syndic,
)

LOCKED = (
    "Suite à un nombre élevé de tentatives de connexion infructueuses, votre compte a été verrouillé. Pour le "
    'débloquer, merci de réinitialiser votre mot de passe, en cliquant sur le lien "Mot de passe oublié"'
)
DISPUTED = {"account": "…2317", "signed": "s1gned", "handle": HANDLE}
OPENED = [
    Opened("Cabinet Mercier & Filles", {"phone": "01 23 45 67 89"}, ["Appartement rue des Lilas (…4317)", "…0128"])
]
ASKED = {"shown": "s1gned", "target": "/"}


def due(**values: Any) -> dict[str, Any]:
    """One text that a sign-in waits for."""
    usual = {"name": "Trousseau", "version": "2.0", "locale": "fr", "since": NOW, "accepted_at": None, "text": TERMS}
    return {**usual, **values}


def _login(**values: Any) -> State:
    return State("login/login.html", {"username": "", "handle": HANDLE, **values})


def _factor(at: RegisteredSyndic | None = None, **values: Any) -> State:
    enrolled = Enrolled(passkey=True, app=True, codes=True)
    usual = {
        "enrolled": enrolled,
        "recovering": False,
        "address": "/elsewhere",
        "other_way": "/elsewhere",
        "options": "/o",
    }
    return State("login/factor.html", {**usual, **values}, at)


STATES: dict[str, State] = {
    "login": _login(),
    "login-no-logo": State(
        "login/login.html", {"username": "", "handle": None}, syndic(colour="#fff7c2", has_logo=False)
    ),
    "login-wrong": _login(username=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]),
    "login-locked": _login(username="jeanne@orange.fr", alert=[LOCKED]),
    "login-retired": _login(username="10042317", alert=["Cet identifiant ne peut plus être utilisé."], retired=True),
    "login-unavailable": _login(unavailable="Le service de votre syndic ne répond pas."),
    "login-portal": neutral("login/login.html", username="", handle=None),
    "login-portal-wrong": neutral(
        "login/login.html", username="jeanne", handle=None, alert=["Mot de passe invalide", LEFT]
    ),
    "help": State("login/help.html", {"handle": HANDLE}),
    "help-no-contact": State("login/help.html", {"handle": None}, syndic(contact={})),
    "help-portal": neutral("login/help.html", handle=None),
    "no-account": State("login/no_account.html", {"handle": HANDLE}),
    "forgotten": neutral("login/forgotten.html", sent=False),
    "forgotten-wrong": neutral("login/forgotten.html", sent=False, email="jeanne@", alert=[INCOMPLETE]),
    "forgotten-sent": neutral("login/forgotten.html", sent=True),
    "reset": neutral("login/reset.html"),
    "reset-weak": neutral("login/reset.html", email=LONG_EMAIL, alert=[WEAK]),
    "reset-done": neutral("login/reset_done.html", opened=OPENED),
    "reset-done-alone": neutral("login/reset_done.html", opened=[]),
    "logged-out": neutral("login/logged_out.html"),
    "logged-out-syndic": State("login/logged_out.html"),
    "logged-out-onward": State("login/logged_out.html", {"target": "#content"}),
    "dispute": State("login/dispute.html", {**DISPUTED, "told": False}),
    "dispute-told": State("login/dispute.html", {**DISPUTED, "told": True}),
    "terms-again": State("login/terms_again.html", {"due": [due(accepted_at=NOW)], **ASKED}),
    "terms-again-both": neutral("login/terms_again.html", due=[due(), due(name="Cabinet Mercier")], **ASKED),
    "terms-again-unread": State("login/terms_again.html", {"due": [due()], "alert": [UNREAD], **ASKED}),
    "terms-again-accepted": State("login/terms_again.html", {"due": [], **ASKED}),
    "terms-again-print": State("login/terms_print.html", {"due": [due()], "target": "/"}),
    "factor": _factor(syndic()),
    "factor-portal": _factor(),
    "factor-app": _factor(enrolled=Enrolled(passkey=False, app=True, codes=True)),
    "factor-passkey": _factor(enrolled=Enrolled(passkey=True, app=False, codes=True)),
    "factor-wrong": _factor(alert=["Ce code n'est pas le bon, ou il a déjà servi."]),
    "factor-recovery": _factor(syndic(), recovering=True),
    "factor-recovery-wrong": _factor(recovering=True, alert=["Ce code de récupération n'est pas le bon."]),
    "reset-second-proof": neutral("login/reset.html", second=True),
    "reset-second-proof-wrong": neutral(
        "login/reset.html", second=True, email=LONG_EMAIL, identifier="10042317", alert=["Ne suffisent pas."]
    ),
}
