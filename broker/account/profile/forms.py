"""What « Informations personnelles » asks for, checked. What was shown travels with the form, so that of two tabs each
changes only what the person changed there."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from broker.association.forms import CIVILITIES, PHONE
from broker.identities.models import Identity
from broker.web.languages import SUPPORTED

LONGEST = 80
FIELDS = ("civility", "given_name", "family_name", "phone", "locale")
CLAIMS = {
    "civility": "civility",
    "given_name": "given_name",
    "family_name": "family_name",
    "phone": "phone_number",
}
"""By the standard claim names of OIDC Core §5.1, and `civility`."""
SIGNS = "'’.,-·&/() "
TICK = re.compile(r"(?P<when>sees|saw)\.(?P<slug>[^.]{1,100})\.(?P<group>[a-z]{1,20})")
Ticks = set[tuple[str, str]]
"""Pairs of a syndic's slug and a group of claims."""


@dataclass
class PersonalForm:
    """The fields by name, as typed and as they were shown, and what is ticked and was when it was shown."""

    typed: dict[str, str]
    shown: dict[str, str]
    ticked: Ticks = field(default_factory=set)
    ticked_before: Ticks = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    @property
    def changed(self) -> dict[str, str]:
        """What the person has changed in this tab, by field."""
        return {name: value for name, value in self.typed.items() if value != self.shown[name]}

    @property
    def claims(self) -> dict[str, str]:
        """The same by claim."""
        return {CLAIMS[name]: value for name, value in self.changed.items() if name in CLAIMS}

    def fail(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field."""
        self.errors.append(sentence)
        self.failed.add(name)


def filled(person: Identity) -> PersonalForm:
    """The form as it stands before anything was typed."""
    known = _known(person.profile, person.locale)
    return PersonalForm(dict(known), known)


def read() -> PersonalForm:
    """Read and check the form that was sent; only what was changed is checked."""
    typed = {name: " ".join(request.form.get(name, "").split()) for name in FIELDS}
    shown = {name: request.form.get(f"shown_{name}", "") for name in FIELDS}
    for name, among in (("civility", CIVILITIES), ("locale", SUPPORTED)):
        typed[name] = typed[name] if typed[name] in among else shown[name]
    form = PersonalForm(typed, shown, _ticks("sees"), _ticks("saw"))
    _check_names(form)
    if "phone" in form.changed and form.typed["phone"] and not PHONE.fullmatch(form.typed["phone"]):
        form.fail("phone", gettext("Ce numéro de téléphone n'est pas complet. Laissez-le vide si vous préférez."))
    return form


def _ticks(when: str) -> Ticks:
    found = (TICK.fullmatch(name) for name in request.form)
    return {(match["slug"], match["group"]) for match in found if match and match["when"] == when}


def _known(profile: Mapping[str, str], locale: str) -> dict[str, str]:
    return {**{name: str(profile.get(claim, "")) for name, claim in CLAIMS.items()}, "locale": locale}


def _check_names(form: PersonalForm) -> None:
    for name in ("given_name", "family_name"):
        value = form.changed.get(name, "")
        if len(value) > LONGEST:
            form.fail(name, _too_long(name))
        elif value and (strange := _strange(value)):
            form.fail(name, _unknown_sign(name, strange))
        elif value and not any(letter.isalpha() for letter in value):
            form.fail(name, _no_letter(name))


def _too_long(name: str) -> str:
    if name == "given_name":
        return str(gettext("Ce prénom est trop long : 80 caractères au plus."))
    return str(gettext("Ce nom est trop long : 80 caractères au plus."))


def _unknown_sign(name: str, sign: str) -> str:
    if name == "given_name":
        return str(gettext("Le prénom contient un signe qui ne peut pas être enregistré : %(sign)s", sign=sign))
    return str(gettext("Le nom contient un signe qui ne peut pas être enregistré : %(sign)s", sign=sign))


def _no_letter(name: str) -> str:
    if name == "given_name":
        return str(gettext("Le prénom ne contient aucune lettre. Laissez-le vide si vous préférez."))
    return str(gettext("Le nom ne contient aucune lettre. Laissez-le vide si vous préférez."))


def _strange(value: str) -> str | None:
    """The first sign that no name holds; one that cannot be seen is named by its number."""
    for sign in value:
        if sign not in SIGNS and unicodedata.category(sign)[0] not in "LM" and not sign.isdecimal():
            return sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return None
