"""An identity's central claims (OIDC Core §5.1), and which syndic may see which."""

import json
import uuid
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy.dialects.postgresql import insert

from broker.identities.models import ClaimRelease, Identity
from config import clock
from config.database import new_id, session
from config.errors import Refusal
from tenants.audit import service as audit

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


def release(identity: Identity, syndic_id: uuid.UUID, claims: set[str]) -> None:
    """Let one syndic see these central claims; twice changes nothing."""
    for claim in sorted(claims):
        values = {"identity_id": identity.id, "syndic_id": syndic_id, "claim": claim, "released_at": clock.now()}
        statement = insert(ClaimRelease).values(id=new_id(), **values)
        session().execute(statement.on_conflict_do_nothing())
    body = {"claims": sorted(claims)}
    audit.append(syndic_id, "claims.released", body, {"email": identity.email}, subject=identity.id)
