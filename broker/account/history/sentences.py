"""What each kind of the security journal says to its owner: one place for all, and a test that none is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from broker.account.profile.groups import GROUPS, named
from broker.account.wording import device


@dataclass(frozen=True)
class Told:
    """What an event knows: the syndic's name, where it was one's, and the journal's details."""

    syndic: str | None
    details: dict[str, Any]


Sentence = Callable[[Told], str]


def _signed_in(told: Told) -> str:
    if told.syndic:
        return gettext("Connexion à l'espace client de %(syndic)s.", syndic=told.syndic)
    return gettext("Connexion à « Mon compte ».")


def _released(told: Told) -> str:
    return gettext("Vous avez montré à %(syndic)s : %(what)s.", syndic=_at(told), what=_groups(told))


def _withdrawn(told: Told) -> str:
    return gettext("Vous ne montrez plus à %(syndic)s : %(what)s.", syndic=_at(told), what=_groups(told))


def _at(told: Told) -> str:
    return told.syndic or gettext("votre syndic")


def _groups(told: Told) -> str:
    return ", ".join(named(group) for group in GROUPS if group in told.details.get("groups", ()))


SENTENCES: dict[str, Sentence] = {
    "signed-in": _signed_in,
    "locked": lambda _: gettext(
        "Trop d'erreurs de mot de passe : votre compte a été verrouillé. Vos appareils connectés le sont restés."
    ),
    "password.changed": lambda _: gettext("Vous avez changé votre mot de passe. Vos autres appareils ont été déconnectés."),
    "password.reset": lambda _: gettext(
        "Vous avez choisi un nouveau mot de passe par « Mot de passe oublié ? ». Tous vos appareils ont été déconnectés."
    ),
    "password.reset-asked": lambda _: gettext("Un mail pour choisir un nouveau mot de passe a été demandé."),
    "profile.changed": lambda _: gettext("Vous avez modifié vos informations personnelles."),
    "claims.released": _released,
    "claims.withdrawn": _withdrawn,
    "session.ended": lambda told: gettext(
        "Vous avez déconnecté un appareil : %(device)s.", device=device(told.details.get("ended", ""))
    ),
    "sessions.ended": lambda _: gettext("Vous avez déconnecté tous vos appareils."),
    "signed-out": lambda _: gettext("Déconnexion."),
    "device.forgotten": lambda told: gettext(
        "Vous avez demandé d'oublier un navigateur : %(device)s.", device=device(told.details.get("forgotten", ""))
    ),
    "association.confirmed": lambda told: gettext(
        "Vous avez associé un compte de %(syndic)s à votre adresse.", syndic=_at(told)
    ),
    "association.joined": lambda told: gettext(
        "Une autre personne a associé à son adresse un compte de %(syndic)s que vous avez aussi.", syndic=_at(told)
    ),
}
"""By kind. « Vous »: what only a person who is signed in can have done."""
