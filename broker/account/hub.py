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
    Entry("account.evidence", lazy_gettext("Mes preuves"), lazy_gettext("Ce que vous avez accepté et confirmé.")),
    Entry("security.index", lazy_gettext("Sécurité"), lazy_gettext("Votre mot de passe, et une deuxième étape.")),
)
"""In the order in which they are shown."""
