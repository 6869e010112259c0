"""What the pages of an attempt ask for, checked; errors are sentences for their owner."""

import re
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from broker.identities import passwords
from broker.identities.emails import Address, parsed, suggestion
from broker.web.pages import Failing

LONGEST = 80
LONGEST_PASSWORD = 4 * passwords.LONGEST
CIVILITIES = ("", "Mme", "M.")
PHONE = re.compile(r"\+?[0-9][0-9 .\-()]{5,24}")
HOLDER = re.compile(r"(M\.|Mme|Mlle) (\S+) (\S[^,;]*)")


@dataclass
class AddressForm:
    """The address field of B3; empty takes the one that the syndic knows."""

    typed: str
    address: Address | None = None
    suggestion: str | None = None
    errors: list[str] = field(default_factory=list)


@dataclass
class ProfileForm:
    """The personal information and the password of B4."""

    civility: str
    given_name: str
    family_name: str
    phone: str
    locale: str
    password: str
    errors: list[str] = field(default_factory=list)

    def profile(self) -> dict[str, str]:
        """By the standard claim names of OIDC Core §5.1."""
        values = {
            "civility": self.civility,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "phone_number": self.phone,
        }
        return {name: value for name, value in values.items() if value}


def address_form(known: str | None) -> AddressForm:
    """Read B3's form. `known` is the address that the syndic knows, taken where the field stays empty."""
    typed = request.form.get("email", "").strip()
    form = AddressForm(typed)
    form.address = parsed(typed or known or "")
    if form.address is None:
        sentence = gettext("Cette adresse e-mail n'est pas complète. Exemple : jeanne.dupont@orange.fr")
        form.errors = [Failing("email", sentence)]
    elif typed and request.form.get("keep") != typed:
        form.suggestion = suggestion(form.address)
    return form


def profile_form(email: str) -> ProfileForm:
    """Read B4's form."""
    form = ProfileForm(
        civility=_chosen("civility", CIVILITIES),
        given_name=_text("given_name"),
        family_name=_text("family_name"),
        phone=_text("phone"),
        locale=_chosen("locale", ("fr", "en")),
        password=request.form.get("password", ""),
    )
    if form.phone and not PHONE.fullmatch(form.phone):
        sentence = gettext("Ce numéro de téléphone n'est pas complet. Laissez-le vide si vous préférez.")
        form.errors.append(Failing("phone", sentence))
    weak = passwords.weakness(form.password, email)
    if weak is not None:
        form.errors.append(Failing("password", gettext(weak.message)))
    return form


def recognised_form(locale: str) -> ProfileForm:
    """Read B4's form without its personal part. The password is the identity's own: no rule for new ones applies."""
    form = ProfileForm("", "", "", "", locale, request.form.get("password", "")[:LONGEST_PASSWORD])
    if not form.password:
        form.errors.append(gettext("Saisissez votre mot de passe."))
    return form


def prefilled(holder: str, locale: str, profile: dict[str, str]) -> ProfileForm:
    """B4's form before anything was typed: from this syndic's own record, where a single person's name is clear."""
    match = HOLDER.fullmatch(holder)
    civility, given, family = match.groups() if match and " et " not in holder else ("", "", "")
    return ProfileForm(
        civility=profile.get("civility", "Mme" if civility == "Mlle" else civility),
        given_name=profile.get("given_name", given),
        family_name=profile.get("family_name", family),
        phone=profile.get("phone_number", ""),
        locale=locale,
        password="",
    )


def _text(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:LONGEST]


def _chosen(name: str, among: tuple[str, ...]) -> str:
    value = request.form.get(name, "")
    return value if value in among else among[0]
