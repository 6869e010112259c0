"""The other pages of « Mon compte »."""

from datetime import timedelta
from typing import Any

from broker.account.devices.listing import Known, Overview, Session
from broker.account.evidence.listing import Line
from broker.account.history.listing import Chapter
from broker.account.history.listing import Line as Event
from broker.account.hub import ENTRIES
from broker.account.profile.forms import PersonalForm
from broker.account.profile.groups import Choice, Tick
from tests.broker.pages.gallery.state import FACTORS, GROUPS, LEFT, LONG_EMAIL, NOW, State, neutral

LINES = [
    Line(NOW, ["Vous avez associé le compte …4317 de Cabinet Mercier & Filles."]),
    Line(
        NOW - timedelta(days=1),
        [
            "Vous avez accepté les conditions de Trousseau, version 2026-11.",
            "Vous avez accepté les conditions de Cabinet Mercier & Filles, version 1.2.",
        ],
    ),
]


def _personal(failed: str = "", phone: str = "04 74 00 00 01") -> PersonalForm:
    """« Informations personnelles » as typed."""
    typed = {
        "civility": "Mme",
        "given_name": "Jeanne",
        "family_name": "Dupont-Léveillé",
        "phone": phone,
        "locale": "fr",
    }
    return PersonalForm(typed, typed, failed={failed} - {""})


def _ticks(slug: str, *ticked: str) -> list[Tick]:
    contents = {
        "name": "Jeanne Dupont-Léveillé",
        "email": LONG_EMAIL,
        "phone": "",
        "address": "3 rue des Lilas, Belley",
    }
    labels = {
        "name": "Votre nom",
        "email": "Votre adresse e-mail",
        "phone": "Votre téléphone",
        "address": "Votre adresse",
    }
    return [
        Tick(f"{slug}.{group}", labels[group], content, group in ticked, group in ticked)
        for group, content in contents.items()
    ]


CHOICES = [
    Choice("Cabinet Mercier & Filles", "votre nom, votre téléphone", _ticks("mercier", "name", "phone")),
    Choice("Syndic du Port", "rien de cette page", _ticks("port")),
]


def _session(device: str, number: int, *, here: bool = False, extranets: tuple[str, ...] = ()) -> Session:
    return Session(f"h{number}", device, NOW - timedelta(days=number), NOW, here, list(extranets))


def _address_code(mail_state: str, **values: Any) -> State:
    usual = {"email": LONG_EMAIL, "expires_at": NOW, "mail_state": mail_state, "refresh_s": 10}
    return neutral("account/address/code.html", **{**usual, **values})


SESSIONS = [
    _session("Firefox sur Linux", 1, here=True, extranets=("Espace client Mercier", "Espace du Port")),
    _session("Chrome sur Windows", 20, extranets=("Espace client Mercier",)),
    _session("Navigateur inconnu", 40),
]
KNOWN = [
    Known("k1", "Firefox sur Linux", NOW - timedelta(days=300), NOW, here=True),
    Known("k2", "Navigateur inconnu sur Android", NOW - timedelta(days=200), NOW - timedelta(days=100), here=False),
]
EVENTS = [
    Event(NOW, "Connexion à l'espace client de Cabinet Mercier & Filles.", "Chrome sur Windows"),
    Event(
        NOW - timedelta(days=2), "Vous avez changé votre mot de passe. Vos autres appareils ont été déconnectés.", "x"
    ),
    Event(NOW - timedelta(days=3), "Une autre personne a associé à son adresse un compte que vous avez aussi.", None),
]
STATES: dict[str, State] = {
    "account": neutral("account/index.html", entries=ENTRIES, email=LONG_EMAIL),
    "account-again": neutral("account/again.html", email=LONG_EMAIL),
    "account-again-wrong": neutral("account/again.html", email=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]),
    "evidence": neutral("account/evidence.html", lines=LINES),
    "evidence-none": neutral("account/evidence.html", lines=[]),
    "personal": neutral("account/profile.html", form=_personal(), choices=CHOICES, email=LONG_EMAIL),
    "personal-saved": neutral("account/profile.html", form=_personal(), choices=[], email=LONG_EMAIL, saved=True),
    "personal-wrong": neutral(
        "account/profile.html",
        form=_personal("phone", "12"),
        choices=CHOICES,
        email=LONG_EMAIL,
        alert=["Ce numéro de téléphone n'est pas complet."],
    ),
    "password": neutral("account/password.html", email=LONG_EMAIL),
    "password-weak": neutral("account/password.html", email=LONG_EMAIL, alert=["Choisissez un autre mot de passe."]),
    "password-proposed": neutral("account/password.html", email=LONG_EMAIL, proposed="lampe-jardin-ruban-girafe"),
    "password-changed": neutral("account/password_changed.html", email=LONG_EMAIL),
    "devices": neutral("account/devices.html", overview=Overview(SESSIONS, True, KNOWN), done=None),
    "devices-ended": neutral("account/devices.html", overview=Overview(SESSIONS, False, KNOWN), done="ended"),
    "devices-one": neutral("account/devices.html", overview=Overview(SESSIONS[:1], False, []), done="forgotten"),
    "history": neutral("account/history.html", chapter=Chapter(EVENTS, "0lder"), first=True),
    "history-last": neutral("account/history.html", chapter=Chapter(EVENTS, None), first=False),
    "history-none": neutral("account/history.html", chapter=Chapter([], None), first=True),
    "history-end": neutral("account/history.html", chapter=Chapter([], None), first=False),
    "address": neutral("account/address/form.html", email=LONG_EMAIL),
    "address-wrong": neutral("account/address/form.html", email=LONG_EMAIL, typed="jeanne@", alert=["Incomplète."]),
    "address-suggestion": neutral(
        "account/address/form.html", email=LONG_EMAIL, typed="jeanne@gmial.com", suggestion="jeanne@gmail.com"
    ),
    "address-code": _address_code("queued"),
    "address-code-accepted": _address_code("accepted"),
    "address-code-deferred": _address_code("deferred"),
    "address-code-refused": _address_code("refused"),
    "address-code-wrong": _address_code("accepted", refresh_s=None, alert=["Ce code n'est pas le bon."]),
    "address-link": neutral("account/address/link.html"),
    "address-link-wrong": neutral("account/address/link.html", email=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]),
    "address-done": neutral("account/address/done.html", signed_in=True),
    "address-done-elsewhere": neutral("account/address/done.html", signed_in=False),
    "address-revert": neutral("account/address/revert.html", token="t0ken", until=NOW),
    "address-revert-wrong": neutral(
        "account/address/revert.html", token="t0ken", until=NOW, alert=["Ce code n'est pas le bon."]
    ),
    "address-regain": neutral("account/address/regain.html", token="t0ken", identifier="", factor=False),
    "address-regain-wrong": neutral(
        "account/address/regain.html", token="t0ken", identifier="10042317", factor=False, alert=["Ne suffisent pas."]
    ),
    "address-regain-factor": neutral("account/address/regain.html", token="t0ken", identifier="", factor=True),
    "data": neutral("account/data/page.html", erase_at=None),
    "data-leaving": neutral("account/data/page.html", erase_at=NOW + timedelta(days=30)),
    "erasure": neutral("account/erasure/ask.html", email=LONG_EMAIL, days=30),
    "erasure-coming": neutral("account/erasure/coming.html", at=NOW, email=LONG_EMAIL, onward="/account/"),
    "erasure-cancelled": neutral("account/erasure/cancelled.html"),
    "account-review": neutral(
        "account/review.html",
        groups=GROUPS,
        contacts={"cabinet-mercier": {"phone": "01 23 45 67 89", "email": "accueil@cabinet-mercier.example"}},
        factors=FACTORS,
        email=LONG_EMAIL,
        target="/account/",
    ),
    "account-review-none": neutral("account/review.html", groups=[], contacts={}, email=LONG_EMAIL, target="/account/"),
}
