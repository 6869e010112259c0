"""The owner's own name for an account, checked."""

import unicodedata
from dataclasses import dataclass

from flask_babel import gettext

LONGEST = 60


@dataclass(frozen=True)
class Name:
    """`label`: what is kept; None takes the syndic's own name again. `error`: what is wrong with what was typed."""

    label: str | None
    error: str | None = None


def read(typed: str) -> Name:
    """Read what was typed: composed (NFC), with single spaces; nothing that cannot be seen."""
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in typed)
    label = " ".join(word for word in unicodedata.normalize("NFC", spaced).split(" ") if word)
    if not label.isprintable():
        return Name(None, gettext("Ce nom contient un signe qui ne peut pas être enregistré."))
    if len(label) > LONGEST:
        return Name(None, gettext("Ce nom est trop long : 60 caractères au plus."))
    return Name(label or None)
