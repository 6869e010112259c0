"""Every page in every state, with values as the views give them."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import segno
from markupsafe import Markup

from broker.account.devices.listing import Known, Overview, Session
from broker.account.evidence.listing import Line
from broker.account.history.listing import Chapter
from broker.account.history.listing import Line as Event
from broker.account.holders.listing import Guest, Holders, Sent
from broker.account.hub import ENTRIES
from broker.account.listing import Accounts, Entry, Group
from broker.account.manage.service import Told as OfAccount
from broker.account.menu.choices import Choice as MenuChoice
from broker.account.profile.forms import PersonalForm
from broker.account.profile.groups import Choice, Tick
from broker.association.endings import Fate
from broker.association.forms import ProfileForm
from broker.association.models import Association, Invitation
from broker.association.telling import Told
from broker.identities.factors.service import Enrolled, Kept
from broker.login.reviewing import Opened
from broker.oidc.menu.switching import Target
from broker.web.pages import Failing
from tenants.clients.pictures import RegisteredSyndic
from tenants.terms.markdown import render
from tenants.terms.service import Accepted

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HANDLE = "h4ndle"
LONG_EMAIL = "marie-antoinette.de-la-rochefoucauld@messagerie-des-coproprietaires.example"
TERMS = render("# Article 1\n\nCe service **relie** vos comptes.\n\n- Il est gratuit.\n- [Aide](https://a.example/)")
INCOMPLETE = Failing("email", "Cette adresse e-mail n'est pas complète. Exemple : jeanne.dupont@orange.fr")
NO_PHONE = Failing("phone", "Ce numéro de téléphone n'est pas complet. Laissez-le vide si vous préférez.")
WEAK = Failing("password", "Choisissez un mot de passe d'au moins 12 caractères.")
UNREAD = Failing("accept", "Pour continuer, cochez la case « J'ai lu et j'accepte les présentes conditions ».")
TOO_LONG = Failing("name", "Ce nom est trop long : 60 caractères au plus.")
WRONG_PAIR = Failing("email", "Adresse e-mail ou mot de passe invalide.")
LEFT = "Il vous reste 4 tentatives avant que votre compte ne se verrouille."
LOCKED = (
    "Suite à un nombre élevé de tentatives de connexion infructueuses, votre compte a été verrouillé. Pour le "
    'débloquer, merci de réinitialiser votre mot de passe, en cliquant sur le lien "Mot de passe oublié"'
)


def syndic(
    *, colour: str = "#b45309", has_logo: bool = True, contact: dict[str, str] | None = None
) -> RegisteredSyndic:
    """A syndic as requests see it."""
    known = {
        "phone": "01 23 45 67 89",
        "email": "accueil@cabinet-mercier.example",
        "hours": "lundi à vendredi, 9 h à 17 h",
    }
    return RegisteredSyndic(
        id=uuid.UUID(int=1),
        slug="cabinet-mercier",
        name="Cabinet Mercier & Filles",
        colour=colour,
        has_logo=has_logo,
        contact=MappingProxyType(known if contact is None else contact),
        locale="fr",
        active=True,
        association_policy="required",
        association_deadline=NOW + timedelta(days=60),
        legacy_disable="after_confirmation",
        session_idle_s=30 * 86400,
        session_longest_s=180 * 86400,
        pairwise_salt=b"salt",
        version=1,
        clients=MappingProxyType({}),
        keys=(),
    )


def attempt(state: str = "waiting") -> Association:
    """An attempt as the waiting page gets it."""
    return Association(state=state, request_handle=HANDLE, expires_at=NOW + timedelta(days=7))


def profile(phone: str = "") -> ProfileForm:
    """B4's form."""
    return ProfileForm("Mme", "Jeanne", "Dupont", phone, "fr", "")


def entry(name: str, **values: Any) -> Entry:
    """One account of « Mes comptes »."""
    usual = {
        "identifier": "…4317",
        "default": False,
        "current": False,
        "handle": "h",
        "retirement": None,
        "managed": "m",
    }
    return Entry(**{"name": name, **usual, **values})


GROUPS = [
    Group(
        "Cabinet Mercier & Filles",
        "cabinet-mercier",
        "#b45309",
        True,
        [
            entry("Appartement rue des Lilas", default=True, current=True, retirement="coming", holders="h1"),
            entry("…0128", identifier="…0128", retirement="done", co_holder=True, holders="h2"),
            entry("…0129", identifier="…0129", handle=None, suspended=True),
        ],
    ),
    Group("Syndic du Port", "syndic-du-port", "#fde047", False, [entry("SCI des Trois Tilleuls", handle=None)]),
]
LONG_GROUPS = [
    Group(
        "Administration de biens et gestion des copropriétés du Grand-Sud-Ouest réunies",
        "grand-sud-ouest",
        "#1f4e8c",
        True,
        [entry("Résidence Saint-Barthélemy-des-Trois-Fontaines, bâtiment C, appartement 417 et place 12")],
    )
]

APART_GROUPS = [
    Group("Cabinet Mercier & Filles", "cabinet-mercier", "#b45309", True, [entry("Appartement")], ["Syndic du Port"]),
    Group("Syndic du Port", "syndic-du-port", "#fde047", False, [entry("Garage")], ["Cabinet Mercier & Filles"]),
    Group("Régie des Halles", "regie-des-halles", "#1f4e8c", True, [entry("Cave")], [], ["A", "B", "C", "D"]),
]
LOTS = [entry(f"Lot {number}", words=f"lot {number}") for number in range(8)]
MANY_GROUPS = [
    Group("Cabinet Mercier & Filles", "cabinet-mercier", "#b45309", True, LOTS),
    Group("Syndic du Port", "syndic-du-port", "#fde047", False, [entry("Bâtiment Œillet", words="batiment oeillet")]),
]


def managed(groups: list[Group], **values: Any) -> dict[str, Any]:
    """What « Mes comptes » and « Gérer mes comptes » show."""
    total = values.pop("total", sum(len(group.entries) for group in groups))
    wanted = values.pop("wanted", "")
    return {"accounts": Accounts(groups, total, wanted), "kept": {"iss": "https://i.example/t/x"}, **values}


def of_account(fate: Fate, **values: Any) -> OfAccount:
    """An account that is being detached."""
    usual = {"name": "Appartement rue des Lilas", "identifier": "…4317", "syndic_name": "Cabinet Mercier & Filles"}
    contact = {"phone": "01 23 45 67 89", "email": "accueil@cabinet-mercier.example"}
    rest = {"suspended": False, "last": False, "next": None, "contact": contact}
    return OfAccount(**{**usual, **rest, "fate": fate, **values})


DISPUTED = {"account": "…2317", "signed": "s1gned", "handle": HANDLE}
CLIENT = {"client_name": "Extranet Mercier"}
OPENED = [
    Opened("Cabinet Mercier & Filles", {"phone": "01 23 45 67 89"}, ["Appartement rue des Lilas (…4317)", "…0128"])
]
SIGN_INS = [
    {"public_id": "a", "label": "Appartement rue des Lilas", "identifier": "10042317"},
    {"public_id": "b", "label": "", "identifier": "10040128"},
]


TOLD = Told("Cabinet Mercier & Filles", {"phone": "01 23 45 67 89", "email": "a@mercier.example"}, "…4317", NOW)
ASKED = {"shown": "s1gned", "target": "/"}
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


def holders(**values: Any) -> Holders:
    """The holders of one account."""
    usual: dict[str, Any] = {
        "account": "Appartement rue des Lilas",
        "identifier": "…4317",
        "syndic": "Cabinet Mercier & Filles",
        "handle": HANDLE,
        "persons": 3,
        "co_holder": False,
        "may_invite": True,
        "guests": [Guest("Paul", NOW, False, "g"), Guest("W" * 60, NOW, True, "h")],
        "sent": [
            Sent("Marie-Antoinette", LONG_EMAIL, "open", NOW + timedelta(days=7), "i"),
            Sent("Anne", "anne@orange.fr", "tries", NOW, "j"),
            Sent("Luc", "luc@orange.fr", "refused", NOW, "k"),
            Sent("Zoé", "zoe@orange.fr", "expired", NOW, "l"),
        ],
    }
    return Holders(**{**usual, **values})


SENT = Invitation(name="Marie-Antoinette", email_typed=LONG_EMAIL, expires_at=NOW + timedelta(days=7))
INVITED = {"action": "/invitation/person", "email": LONG_EMAIL}


def due(**values: Any) -> dict[str, Any]:
    """One text that a sign-in waits for."""
    usual = {"name": "Trousseau", "version": "2.0", "locale": "fr", "since": NOW, "accepted_at": None, "text": TERMS}
    return {**usual, **values}


@dataclass(frozen=True)
class State:
    """One state of one page: its template, its values, and whether it stands below a syndic's address."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    syndic: RegisteredSyndic | None = field(default_factory=syndic)


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


MENUS = [
    MenuChoice("mercier", "Cabinet Mercier & Filles", True, ["Syndic du Port", "Régie des Trois Tilleuls"]),
    MenuChoice("port", "Syndic du Port", False, []),
]
TARGET = Target("Appartement rue des Lilas", "Syndic du Port", "#content")


def _session(device: str, number: int, *, here: bool = False, extranets: tuple[str, ...] = ()) -> Session:
    return Session(f"h{number}", device, NOW - timedelta(days=number), NOW, here, list(extranets))


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


def _login(**values: Any) -> State:
    return State("login/login.html", {"username": "", "handle": HANDLE, **values})


def _waiting(mail_state: str, **values: Any) -> State:
    usual = {"email": LONG_EMAIL, "attempt": attempt(), "wait_s": 0, "handle": HANDLE, "refresh_s": 10}
    usual["code_expires_at"] = NOW + timedelta(hours=24)
    return State("association/waiting.html", {**usual, "mail_state": mail_state, **values})


def _address_code(mail_state: str, **values: Any) -> State:
    usual = {"email": LONG_EMAIL, "expires_at": NOW, "mail_state": mail_state, "refresh_s": 10}
    return _neutral("account/address/code.html", **{**usual, **values})


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


def _neutral(template: str, **values: Any) -> State:
    return State(template, values, syndic=None)


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


def _security(kept: list[Kept], **values: Any) -> State:
    return _neutral("account/security.html", factors=kept, has_app=False, codes_left=10, app="app", **values)


FACTORS = [
    Kept("k", "Téléphone de Jeanne", NOW, NOW + timedelta(days=3)),
    Kept("l", "W" * 60, NOW, None),
    Kept(None, None, NOW, NOW),
]
PICTURE = Markup(segno.make("otpauth://totp/x?secret=" + "A" * 60).svg_inline(scale=5, title="Image", omitsize=True))  # noqa: S704 - drawn by us
GROUPS_OF_FOUR = ["J5ZW", "G3DF", "MRSW", "4Y3V", "J5ZW", "G3DF", "MRSW", "4Y3V"]


STRANGERS: dict[str, Any] = {
    "alert": ["Vos biens sont gérés par des syndics qui ne sont pas partenaires."],
    "syndic_name": "Cabinet Mercier & Filles",
    "contact": {"phone": "01 23 45 67 89"},
}

STATES: dict[str, State] = {
    "login": _login(),
    "login-no-logo": State(
        "login/login.html", {"username": "", "handle": None}, syndic(colour="#fff7c2", has_logo=False)
    ),
    "login-wrong": _login(username=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]),
    "login-locked": _login(username="jeanne@orange.fr", alert=[LOCKED]),
    "login-retired": _login(username="10042317", alert=["Cet identifiant ne peut plus être utilisé."], retired=True),
    "login-unavailable": _login(unavailable="Le service de votre syndic ne répond pas."),
    "login-portal": _neutral("login/login.html", username="", handle=None),
    "login-portal-wrong": _neutral(
        "login/login.html", username="jeanne", handle=None, alert=["Mot de passe invalide", LEFT]
    ),
    "help": State("login/help.html", {"handle": HANDLE}),
    "help-no-contact": State("login/help.html", {"handle": None}, syndic(contact={})),
    "help-portal": _neutral("login/help.html", handle=None),
    "no-account": State("login/no_account.html", {"handle": HANDLE}),
    "forgotten": _neutral("login/forgotten.html", sent=False),
    "forgotten-wrong": _neutral("login/forgotten.html", sent=False, email="jeanne@", alert=[INCOMPLETE]),
    "forgotten-sent": _neutral("login/forgotten.html", sent=True),
    "reset": _neutral("login/reset.html"),
    "reset-weak": _neutral("login/reset.html", email=LONG_EMAIL, alert=[WEAK]),
    "reset-done": _neutral("login/reset_done.html", opened=OPENED),
    "reset-done-alone": _neutral("login/reset_done.html", opened=[]),
    "logged-out": _neutral("login/logged_out.html"),
    "logged-out-syndic": State("login/logged_out.html"),
    "logged-out-onward": State("login/logged_out.html", {"target": "#content"}),
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
    "sign-in": _neutral("association/sign_in.html", action="/confirm/t0ken"),
    "sign-in-wrong": _neutral(
        "association/sign_in.html",
        action="/confirm/t0ken",
        email=LONG_EMAIL,
        alert=[WRONG_PAIR],
    ),
    "review": _neutral(
        "association/review.html",
        account="…4317",
        syndic_name="Cabinet Mercier & Filles",
        email=LONG_EMAIL,
        accepted=[Accepted("2026-11", "", True, NOW), Accepted("1.2", "", False, NOW)],
    ),
    "accepted-terms": _neutral("association/accepted_terms.html", texts=[("1.0", TERMS), ("1.2", TERMS)]),
    "already-linked": _neutral("association/already_linked.html"),
    "contest": _neutral("association/contest.html", action="/contest/t0ken"),
    "contest-wrong": _neutral("association/contest.html", action="/contest/t0ken", alert=["Ce n'est pas le bon."]),
    "contest-review": _neutral("association/contest_review.html", told=TOLD, handle="h4ndle"),
    "contest-done": _neutral("association/contest_done.html"),
    "announced": _announced(),
    "announced-asks": _announced(needs_secret=True),
    "announced-wrong": _announced(needs_secret=True, alert=["Mot de passe invalide", LEFT]),
    "announced-unavailable": _announced(needs_secret=True, unavailable="Le service de votre syndic ne répond pas."),
    "invitation": _neutral("invitation/code.html", action="/invitation/t0ken"),
    "invitation-wrong": _neutral(
        "invitation/code.html",
        action="/invitation/t0ken",
        email=LONG_EMAIL,
        alert=[Failing("email", "Adresse e-mail ou code invalide.")],
    ),
    "invited": _neutral("association/profile.html", form=profile(), **INVITED),
    "invited-known": _neutral("association/profile.html", recognised=True, **INVITED),
    "invited-terms": _neutral(
        "association/terms.html", texts=[("1.0", TERMS)], action="/invitation/terms", print_address="/elsewhere"
    ),
    "invited-terms-print": _neutral("association/terms_print.html", texts=[("1.0", TERMS)], back="/elsewhere"),
    "invited-review": _neutral(
        "association/review.html",
        account="…4317",
        syndic_name="Cabinet Mercier & Filles",
        email=LONG_EMAIL,
        accepted=[Accepted("2026-11", "", True, NOW)],
        invited=True,
    ),
    "invited-not-partners": _neutral("association/not_partners.html", message="Refusé.", another=None, invited=True),
    "holders": _neutral("account/holders/page.html", holders=holders(), done=None),
    "holders-alone": _neutral(
        "account/holders/page.html", holders=holders(persons=1, guests=[], sent=[]), done="removed"
    ),
    "holders-of-a-guest": _neutral(
        "account/holders/page.html",
        holders=holders(co_holder=True, may_invite=False, guests=[], sent=[]),
        done="withdrawn",
    ),
    "invite": _neutral("account/holders/invite.html", holders=holders()),
    "invite-wrong": _neutral(
        "account/holders/invite.html", holders=holders(), name="Paul", typed="paul@", alert=[INCOMPLETE]
    ),
    "invite-suggestion": _neutral(
        "account/holders/invite.html",
        holders=holders(),
        name="Paul",
        typed="paul@gmial.com",
        suggestion="paul@gmail.com",
    ),
    "invite-not": _neutral("account/holders/invite.html", holders=holders(may_invite=False)),
    "invitation-sent": _neutral("account/holders/invitation.html", holders=holders(), invitation=SENT, code="12345678"),
    "invitation-over": _neutral("account/holders/invitation.html", holders=holders(), invitation=SENT, code=None),
    "guest-remove": _neutral("account/holders/remove.html", holders=holders(), name="Paul"),
    "contest-review-guest": _neutral(
        "association/contest_review.html", told=replace(TOLD, by_shared_code=False), handle="h4ndle"
    ),
    "contested": _neutral("association/contested.html"),
    "not-partners": _neutral("association/not_partners.html", **STRANGERS, another=None, door=None),
    "not-partners-door": _neutral("association/not_partners.html", **STRANGERS, another=None, door="/elsewhere"),
    "not-partners-here": _neutral("association/not_partners.html", **STRANGERS, another="/elsewhere", door=None),
    "finished": _neutral("association/finished.html", address=""),
    "dispute": State("login/dispute.html", {**DISPUTED, "told": False}),
    "dispute-told": State("login/dispute.html", {**DISPUTED, "told": True}),
    "consent": State(
        "oidc/consent.html",
        {"client": CLIENT, "scopes": ["openid", "profile", "email", "accounts", "offline_access"], "handle": HANDLE},
    ),
    "choose": State("oidc/choose.html", {"client": CLIENT, "accounts": SIGN_INS, "handle": HANDLE}),
    "end-session": State("oidc/end_session.html", {"parameters": {"state": "s", "client_id": "c"}}),
    "start-again": State("oidc/start_again.html"),
    "account-opening": _neutral("account/opening.html", address="#content"),
    "account": _neutral("account/index.html", entries=ENTRIES, email=LONG_EMAIL),
    "account-again": _neutral("account/again.html", email=LONG_EMAIL),
    "account-again-wrong": _neutral("account/again.html", email=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]),
    "terms-again": State("login/terms_again.html", {"due": [due(accepted_at=NOW)], **ASKED}),
    "terms-again-both": _neutral("login/terms_again.html", due=[due(), due(name="Cabinet Mercier")], **ASKED),
    "terms-again-unread": State("login/terms_again.html", {"due": [due()], "alert": [UNREAD], **ASKED}),
    "terms-again-accepted": State("login/terms_again.html", {"due": [], **ASKED}),
    "terms-again-print": State("login/terms_print.html", {"due": [due()], "target": "/"}),
    "evidence": _neutral("account/evidence.html", lines=LINES),
    "evidence-none": _neutral("account/evidence.html", lines=[]),
    "accounts": _neutral("account/accounts.html", **managed(GROUPS), email="jeanne.dupont@orange.fr"),
    "accounts-long": _neutral("account/accounts.html", **managed(LONG_GROUPS), email=LONG_EMAIL),
    "accounts-none": _neutral("account/accounts.html", **managed([]), email="jeanne@orange.fr"),
    "accounts-apart": _neutral("account/accounts.html", **managed(APART_GROUPS), email=LONG_EMAIL),
    "accounts-many": _neutral("account/accounts.html", **managed(MANY_GROUPS), email=LONG_EMAIL),
    "accounts-found": _neutral(
        "account/accounts.html", **managed(MANY_GROUPS[1:], total=9, wanted="œillet"), email=LONG_EMAIL
    ),
    "accounts-not-found": _neutral("account/accounts.html", **managed([], total=9, wanted="lilas"), email=LONG_EMAIL),
    "manage": _neutral("account/manage.html", **managed(GROUPS), done=None),
    "manage-done": _neutral("account/manage.html", **managed(MANY_GROUPS), done="default"),
    "manage-renamed": _neutral("account/manage.html", **managed(LONG_GROUPS), done="renamed"),
    "manage-none": _neutral("account/manage.html", **managed([]), done=None),
    "rename": _neutral("account/rename.html", name="Lilas", own="Appt 12", typed="Lilas", longest=60),
    "rename-wrong": _neutral(
        "account/rename.html", name="…4317", own="…4317", typed="x" * 61, longest=60, alert=[TOO_LONG]
    ),
    "detach": _neutral("account/detach.html", told=of_account("new-codes", next="…0128")),
    "detach-others": _neutral("account/detach.html", told=of_account("others")),
    "detach-last": _neutral("account/detach.html", told=of_account("former-codes", last=True)),
    "detached": _neutral("account/detached.html", told=of_account("new-codes", name="…4317")),
    "detached-others": _neutral("account/detached.html", told=of_account("others")),
    "detached-last": _neutral("account/detached.html", told=of_account("former-codes", last=True, contact={})),
    "factor": _factor(syndic()),
    "factor-portal": _factor(),
    "factor-app": _factor(enrolled=Enrolled(passkey=False, app=True, codes=True)),
    "factor-passkey": _factor(enrolled=Enrolled(passkey=True, app=False, codes=True)),
    "factor-wrong": _factor(alert=["Ce code n'est pas le bon, ou il a déjà servi."]),
    "factor-recovery": _factor(syndic(), recovering=True),
    "factor-recovery-wrong": _factor(recovering=True, alert=["Ce code de récupération n'est pas le bon."]),
    "security": _security(FACTORS),
    "security-none": _security([]),
    "passkey": _neutral("account/passkey.html", name=""),
    "passkey-failed": _neutral("account/passkey.html", name="Clé", alert=["Votre appareil n'a pas pu en créer."]),
    "app": _neutral("account/app.html"),
    "app-picture": _neutral("account/app.html", picture=PICTURE, groups=GROUPS_OF_FOUR),
    "app-wrong": _neutral(
        "account/app.html", picture=PICTURE, groups=GROUPS_OF_FOUR, alert=["Ce code n'est pas le bon."]
    ),
    "recovery-codes": _neutral("account/recovery_codes.html", codes=None, codes_left=1),
    "recovery-codes-new": _neutral("account/recovery_codes.html", codes=["k7mq-2xpd-9f3v"] * 10),
    "factor-remove": _neutral("account/factor_remove.html", factor=FACTORS[0], last=False),
    "factor-remove-last": _neutral("account/factor_remove.html", factor=FACTORS[2], last=True),
    "error-factor": State("error.html", {"message": "Cette étape a pris fin.", "code": "factor_check_gone"}),
    "personal": _neutral("account/profile.html", form=_personal(), choices=CHOICES, email=LONG_EMAIL),
    "personal-saved": _neutral("account/profile.html", form=_personal(), choices=[], email=LONG_EMAIL, saved=True),
    "personal-wrong": _neutral(
        "account/profile.html",
        form=_personal("phone", "12"),
        choices=CHOICES,
        email=LONG_EMAIL,
        alert=["Ce numéro de téléphone n'est pas complet."],
    ),
    "menu": _neutral("account/menu/page.html", choices=MENUS),
    "menu-saved": _neutral("account/menu/page.html", choices=MENUS, saved=True),
    "menu-one": _neutral("account/menu/page.html", choices=MENUS[:1]),
    "switch-elsewhere": State("switching/elsewhere.html"),
    "switch-asks": State("switching/ask.html", {"target": TARGET, "token": "t0ken"}),
    "switch-gone": State("switching/gone.html"),
    "password": _neutral("account/password.html", email=LONG_EMAIL),
    "password-weak": _neutral("account/password.html", email=LONG_EMAIL, alert=["Choisissez un autre mot de passe."]),
    "password-proposed": _neutral("account/password.html", email=LONG_EMAIL, proposed="lampe-jardin-ruban-girafe"),
    "password-changed": _neutral("account/password_changed.html", email=LONG_EMAIL),
    "devices": _neutral("account/devices.html", overview=Overview(SESSIONS, True, KNOWN), done=None),
    "devices-ended": _neutral("account/devices.html", overview=Overview(SESSIONS, False, KNOWN), done="ended"),
    "devices-one": _neutral("account/devices.html", overview=Overview(SESSIONS[:1], False, []), done="forgotten"),
    "history": _neutral("account/history.html", chapter=Chapter(EVENTS, "0lder"), first=True),
    "history-last": _neutral("account/history.html", chapter=Chapter(EVENTS, None), first=False),
    "history-none": _neutral("account/history.html", chapter=Chapter([], None), first=True),
    "history-end": _neutral("account/history.html", chapter=Chapter([], None), first=False),
    "address": _neutral("account/address/form.html", email=LONG_EMAIL),
    "address-wrong": _neutral("account/address/form.html", email=LONG_EMAIL, typed="jeanne@", alert=["Incomplète."]),
    "address-suggestion": _neutral(
        "account/address/form.html", email=LONG_EMAIL, typed="jeanne@gmial.com", suggestion="jeanne@gmail.com"
    ),
    "address-code": _address_code("queued"),
    "address-code-accepted": _address_code("accepted"),
    "address-code-deferred": _address_code("deferred"),
    "address-code-refused": _address_code("refused"),
    "address-code-wrong": _address_code("accepted", refresh_s=None, alert=["Ce code n'est pas le bon."]),
    "address-link": _neutral("account/address/link.html"),
    "address-link-wrong": _neutral(
        "account/address/link.html", email=LONG_EMAIL, alert=["Mot de passe invalide", LEFT]
    ),
    "address-done": _neutral("account/address/done.html", signed_in=True),
    "address-done-elsewhere": _neutral("account/address/done.html", signed_in=False),
    "address-revert": _neutral("account/address/revert.html", token="t0ken", until=NOW),
    "address-revert-wrong": _neutral(
        "account/address/revert.html", token="t0ken", until=NOW, alert=["Ce code n'est pas le bon."]
    ),
    "address-regain": _neutral("account/address/regain.html", token="t0ken", identifier="", factor=False),
    "address-regain-wrong": _neutral(
        "account/address/regain.html", token="t0ken", identifier="10042317", factor=False, alert=["Ne suffisent pas."]
    ),
    "address-regain-factor": _neutral("account/address/regain.html", token="t0ken", identifier="", factor=True),
    "reset-second-proof": _neutral("login/reset.html", second=True),
    "reset-second-proof-wrong": _neutral(
        "login/reset.html", second=True, email=LONG_EMAIL, identifier="10042317", alert=["Ne suffisent pas."]
    ),
    "data": _neutral("account/data/page.html", erase_at=None),
    "data-leaving": _neutral("account/data/page.html", erase_at=NOW + timedelta(days=30)),
    "erasure": _neutral("account/erasure/ask.html", email=LONG_EMAIL, days=30),
    "erasure-coming": _neutral("account/erasure/coming.html", at=NOW, email=LONG_EMAIL, onward="/account/"),
    "erasure-cancelled": _neutral("account/erasure/cancelled.html"),
    "account-review": _neutral(
        "account/review.html",
        groups=GROUPS,
        contacts={"cabinet-mercier": {"phone": "01 23 45 67 89", "email": "accueil@cabinet-mercier.example"}},
        factors=FACTORS,
        email=LONG_EMAIL,
        target="/account/",
    ),
    "account-review-none": _neutral(
        "account/review.html", groups=[], contacts={}, email=LONG_EMAIL, target="/account/"
    ),
    "error": _neutral("error.html", message="Cette page n'existe pas."),
    "error-syndic": State("error.html", {"message": "Votre connexion a pris fin.", "again": "/elsewhere"}),
    **{
        f"error-{code}": _neutral("error.html", message="Ce lien n'est plus valable.", code=code)
        for code in (
            "link_expired",
            "link_used",
            "link_void",
            "reset_void",
            "contest_expired",
            "contest_used",
            "contest_void",
            "invitation_expired",
            "invitation_used",
            "invitation_void",
        )
    },
}

WELL = tuple(name for name, state in STATES.items() if not state.values.get("alert"))
"""States in which nothing is wrong: an error adds words to a page, and no control."""

LEAVING: dict[str, State] = {
    "form-post": State(
        "oidc/form_post.html", {"action": "/received", "values": {"code": "c", "state": "s", "iss": "https://i"}}
    ),
}
"""The pages that leave by themselves, by a script."""
