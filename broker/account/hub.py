"""« Mon compte »: the door to every page of the person."""

from dataclasses import dataclass

from flask_babel import lazy_gettext


@dataclass(frozen=True)
class Entry:
    """One page of « Mon compte »: its endpoint, its name, and what it is for."""

    endpoint: str
    name: str
    about: str


ENTRIES = (
    Entry("account.accounts", lazy_gettext("Mes comptes"), lazy_gettext("Vos biens, agence par agence.")),
    Entry(
        "account.menu_page",
        lazy_gettext("Menu de mes extranets"),
        lazy_gettext("Les comptes que montre le menu de vos espaces clients."),
    ),
    Entry(
        "account.profile_page",
        lazy_gettext("Informations personnelles"),
        lazy_gettext("Votre nom, votre téléphone, et ce que chaque syndic en voit."),
    ),
    Entry(
        "address.page",
        lazy_gettext("Changer d'adresse e-mail"),
        lazy_gettext("Celle avec laquelle vous vous connectez."),
    ),
    Entry("security.index", lazy_gettext("Sécurité"), lazy_gettext("Votre mot de passe, et une deuxième étape.")),
    Entry(
        "account.devices",
        lazy_gettext("Appareils connectés"),
        lazy_gettext("Voir où vous êtes connecté, et déconnecter un appareil."),
    ),
    Entry(
        "account.history",
        lazy_gettext("Historique"),
        lazy_gettext("Ce qui s'est passé sur votre compte depuis douze mois."),
    ),
    Entry("account.evidence", lazy_gettext("Mes preuves"), lazy_gettext("Ce que vous avez accepté et confirmé.")),
    Entry(
        "data.page", lazy_gettext("Mes données"), lazy_gettext("En garder une copie, ou faire effacer votre compte.")
    ),
)
"""In the order in which they are shown."""
