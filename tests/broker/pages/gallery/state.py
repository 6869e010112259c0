"""What the states of all pages are made of."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from broker.account.listing import Entry, Group
from broker.association.forms import ProfileForm
from broker.association.telling import Told
from broker.identities.factors.service import Kept
from broker.web.pages import Failing
from tenants.clients.pictures import RegisteredSyndic
from tenants.terms.markdown import render

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HANDLE = "h4ndle"
LONG_EMAIL = "marie-antoinette.de-la-rochefoucauld@messagerie-des-coproprietaires.example"
TERMS = render("# Article 1\n\nCe service **relie** vos comptes.\n\n- Il est gratuit.\n- [Aide](https://a.example/)")
INCOMPLETE = Failing("email", "Cette adresse e-mail n'est pas complète. Exemple : jeanne.dupont@orange.fr")
WEAK = Failing("password", "Choisissez un mot de passe d'au moins 12 caractères.")
UNREAD = Failing("accept", "Pour continuer, cochez la case « J'ai lu et j'accepte les présentes conditions ».")
LEFT = "Il vous reste 4 tentatives avant que votre compte ne se verrouille."


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
CLIENT = {"client_name": "Extranet Mercier"}
TOLD = Told("Cabinet Mercier & Filles", {"phone": "01 23 45 67 89", "email": "a@mercier.example"}, "…4317", NOW)


@dataclass(frozen=True)
class State:
    """One state of one page: its template, its values, and whether it stands below a syndic's address."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    syndic: RegisteredSyndic | None = field(default_factory=syndic)


def neutral(template: str, **values: Any) -> State:
    return State(template, values, syndic=None)


FACTORS = [
    Kept("k", "Téléphone de Jeanne", NOW, NOW + timedelta(days=3)),
    Kept("l", "W" * 60, NOW, None),
    Kept(None, None, NOW, NOW),
]
STRANGERS: dict[str, Any] = {
    "alert": ["Vos biens sont gérés par des syndics qui ne sont pas partenaires."],
    "syndic_name": "Cabinet Mercier & Filles",
    "contact": {"phone": "01 23 45 67 89"},
}
