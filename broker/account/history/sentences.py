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

    @property
    def at(self) -> str:
        """The syndic, in the middle of a sentence."""
        return self.syndic or str(gettext("votre syndic"))

    @property
    def groups(self) -> str:
        """Which claims, in the middle of a sentence."""
        return ", ".join(named(group) for group in GROUPS if group in self.details.get("groups", ()))


def _signed_in(told: Told) -> str:
    if told.syndic:
        return str(gettext("Connexion à l'espace client de %(syndic)s.", syndic=told.syndic))
    return str(gettext("Connexion à « Mon compte »."))


def _factor(told: Told) -> str:
    """A second factor, in the middle of a sentence."""
    if told.details.get("factor") == "passkey":
        return str(gettext("la clé d'accès « %(name)s »", name=told.details.get("name", "")))
    return str(gettext("l'application d'authentification"))


SENTENCES: dict[str, Callable[[Told], str]] = {
    "signed-in": _signed_in,
    "locked": lambda _: gettext(
        "Trop d'erreurs de mot de passe : la connexion a été verrouillée. Vos appareils connectés le sont restés."
    ),
    "password.changed": lambda _: gettext(
        "Vous avez changé votre mot de passe. Vos autres appareils ont été déconnectés."
    ),
    "password.reset-asked": lambda _: gettext("Un mail pour choisir un nouveau mot de passe a été demandé."),
    "password.reset": lambda _: gettext(
        "Un nouveau mot de passe a été choisi par « Mot de passe oublié ? ». Tous les appareils ont été déconnectés."
    ),
    "profile.changed": lambda _: gettext("Vous avez modifié vos informations personnelles."),
    "claims.released": lambda told: gettext(
        "Vous avez montré à %(syndic)s : %(what)s.", syndic=told.at, what=told.groups
    ),
    "claims.withdrawn": lambda told: gettext(
        "Vous ne montrez plus à %(syndic)s : %(what)s.", syndic=told.at, what=told.groups
    ),
    "menu.shown": lambda told: gettext(
        "Vous montrez vos comptes de %(syndic)s dans le menu de vos autres agences.", syndic=told.at
    ),
    "menu.hidden": lambda told: gettext(
        "Vous ne montrez plus vos comptes de %(syndic)s dans le menu de vos autres agences.", syndic=told.at
    ),
    "session.ended": lambda told: gettext(
        "Vous avez déconnecté un appareil : %(device)s.", device=device(told.details.get("ended", ""))
    ),
    "sessions.ended": lambda _: gettext("Vous avez déconnecté tous vos appareils."),
    "device.forgotten": lambda told: gettext(
        "Vous avez oublié un navigateur reconnu : %(device)s.", device=device(told.details.get("forgotten", ""))
    ),
    "association.confirmed": lambda told: gettext(
        "Un compte de %(syndic)s a été associé à votre adresse.", syndic=told.at
    ),
    "association.joined": lambda told: gettext(
        "Une autre personne a associé à son adresse un compte de %(syndic)s que vous avez aussi.", syndic=told.at
    ),
    "account.detached": lambda told: gettext(
        "Vous avez détaché le compte %(account)s de %(syndic)s.",
        account=told.details.get("account", ""),
        syndic=told.at,
    ),
    "account.closed": lambda told: gettext(
        "%(syndic)s a fermé votre compte %(account)s (après une vente, par exemple). Appelez-les si c'est une erreur.",
        account=told.details.get("account", ""),
        syndic=told.at,
    ),
    "co-holder.invited": lambda told: gettext(
        "Vous avez invité une personne à partager un compte de %(syndic)s.", syndic=told.at
    ),
    "co-holder.removed": lambda told: gettext(
        "Vous avez retiré un co-titulaire d'un compte de %(syndic)s.", syndic=told.at
    ),
    "co-holder.was-removed": lambda told: gettext(
        "Votre accès à un compte de %(syndic)s a été retiré par la personne qui vous avait invité.", syndic=told.at
    ),
    "link.suspended": lambda told: gettext(
        "L'accès à un compte de %(syndic)s a été suspendu : l'adresse que l'agence connaissait l'a contesté.",
        syndic=told.at,
    ),
    "factor.added": lambda told: gettext("Une sécurité a été ajoutée : %(factor)s.", factor=_factor(told)),
    "factor.removed": lambda told: gettext("Une sécurité a été retirée : %(factor)s.", factor=_factor(told)),
    "factor.removed-by-operator": lambda _: gettext("La plateforme a retiré la seconde étape de votre connexion."),
    "factor.refused": lambda _: gettext("Votre mot de passe a été saisi, mais la seconde étape n'a pas été réussie."),
    "recovery.used": lambda _: gettext("Un de vos codes de récupération a servi à une connexion."),
    "recovery.renewed": lambda _: gettext(
        "De nouveaux codes de récupération ont été créés. Les anciens ne servent plus."
    ),
    "recovery.reviewed": lambda _: gettext("Vous avez vérifié vos comptes après une récupération."),
    "passkey.cloned": lambda told: gettext(
        "La clé d'accès « %(name)s » semble avoir été copiée : elle a été refusée.", name=told.details.get("name", "")
    ),
    "address.changed": lambda _: gettext("Votre adresse e-mail a été changée. Tous les appareils ont été déconnectés."),
    "address.reverted": lambda _: gettext("Un changement d'adresse e-mail a été contesté depuis l'ancienne adresse."),
    "address.regained": lambda _: gettext("Votre ancienne adresse e-mail a été rétablie."),
    "address.bounced": lambda _: gettext(
        "Un mail envoyé à votre adresse est revenu : votre messagerie dit que cette adresse n'existe plus."
    ),
    "terms.accepted": lambda _: gettext("Vous avez accepté les conditions générales d'utilisation."),
    "erasure.asked": lambda _: gettext("L'effacement de votre compte a été demandé."),
    "erasure.cancelled": lambda _: gettext("L'effacement de votre compte a été annulé."),
}
"""By kind. « Vous »: what only a person who is signed in can have done."""
