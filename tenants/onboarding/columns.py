"""The columns of an export, under the names that real software gives them."""

import unicodedata

NAMES = {
    "identifier": ("Identifiant", "identifier", "Numéro", "Numéro de compte", "Référence", "id", "login", "account"),
    "holder": ("Titulaire", "holder", "Nom", "name", "Propriétaire", "Copropriétaire", "owner"),
    "email": ("E-mail", "Courriel", "mail", "Adresse e-mail", "email address"),
    "label": ("Libellé", "label", "Lot", "Désignation"),
    "secret_hash": ("Empreinte", "secret_hash", "hash", "Empreinte du mot de passe", "password_hash"),
    "secret_scheme": ("Schéma", "secret_scheme", "scheme", "Algorithme", "algorithm"),
}


def _plain(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in apart if c.isalnum())


MEANINGS = {_plain(name): column for column, names in NAMES.items() for name in names}


def recognise(header: list[str]) -> list[str | None]:
    """What each column of a header means; None for one that we do not use."""
    return [MEANINGS.get(_plain(name)) for name in header]
