"""An identity's central claims (OIDC Core §5.1). Which syndic may see which: `broker.identities.releases`."""

import json
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from broker.identities.models import Identity
from config.errors import Refusal

WORDS = (
    "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "gender", "zoneinfo",
    "locale", "phone_number",
)  # fmt: skip
ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")
OF_THE_IDENTITY = ("email",)
"""Claims that may be released but not set here: the address is proved by its mailbox only."""
_text = validate.Length(min=1, max=200)


class BadProfile(Refusal):
    """The profile is not one."""

    code = "bad_profile"
    public = "Ces informations personnelles ne peuvent pas être enregistrées."


class _Typed(Schema):
    """The standard claims that a person may have, with the types of OIDC Core §5.1."""

    profile = fields.Url(validate=_text)
    picture = fields.Url(validate=_text)
    website = fields.Url(validate=_text)
    birthdate = fields.String(validate=validate.Regexp(r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4})\Z"))
    phone_number_verified = fields.Boolean()
    updated_at = fields.Integer(strict=True)
    address = fields.Nested(Schema.from_dict({name: fields.String(validate=_text) for name in ADDRESS}))


ProfileSchema = _Typed.from_dict({name: fields.String(validate=_text) for name in WORDS})


def describe(identity: Identity, claims: dict[str, Any]) -> None:
    """Set the central claims that are given, and leave the others as they are.

    Raises:
        BadProfile: naming every claim that is unknown or of the wrong type.
    """
    try:
        read = ProfileSchema().load(claims)
    except ValidationError as error:
        raise BadProfile(json.dumps(error.messages, ensure_ascii=False)) from error
    identity.profile = {**identity.profile, **read}


def amend(identity: Identity, changed: Mapping[str, str]) -> None:
    """Set the personal information that is given, by claim name, and remove what is given empty.

    `name` follows the two names that it is made of; a number that was verified is so no more once it is another one.
    """
    known = {**identity.profile, **changed}
    if {"given_name", "family_name"} & changed.keys():
        known["name"] = full_name(known)
    if "phone_number" in changed:
        known.pop("phone_number_verified", None)
    identity.profile = {name: value for name, value in known.items() if value not in {"", None}}


def full_name(claims: Mapping[str, Any]) -> str:
    """« Jeanne Dupont », as far as it is known."""
    return " ".join(str(claims[part]) for part in ("given_name", "family_name") if claims.get(part))
