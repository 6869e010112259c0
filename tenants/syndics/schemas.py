"""What a syndic may say of itself at registration, checked field by field."""

import re
from datetime import UTC
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates

from tenants.syndics.models import ASSOCIATION_POLICIES, DISABLE_POLICIES, TOMBSTONE_DAYS

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
HOUR_S = 3600
LONGEST_IDLE_S, LONGEST_S = 30 * 24 * HOUR_S, 180 * 24 * HOUR_S
TOMBSTONES_KEPT = (30, 3650)
COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


class ContactSchema(Schema):
    """How an owner reaches the agency."""

    phone = fields.String(load_default="", validate=validate.Length(max=40))
    email = fields.String(load_default="", validate=validate.Length(max=254))
    hours = fields.String(load_default="", validate=validate.Length(max=200))


class SyndicSchema(Schema):
    """A syndic's registration."""

    slug = fields.String(required=True, validate=validate.Regexp(SLUG.pattern + r"\Z", error="Use a-z, 0-9 and -."))
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    legal_name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    siren = fields.String(required=True)
    colour = fields.String(load_default="#1f4e79", validate=validate.Regexp(COLOUR.pattern + r"\Z", COLOUR.flags))
    contact = fields.Nested(ContactSchema, load_default=dict)
    locale = fields.String(load_default="fr", validate=validate.OneOf(["fr", "en"]))
    association_policy = fields.String(load_default="optional", validate=validate.OneOf(ASSOCIATION_POLICIES))
    association_deadline = fields.AwareDateTime(load_default=None, allow_none=True, default_timezone=UTC)
    legacy_disable = fields.String(load_default="after_confirmation", validate=validate.OneOf(DISABLE_POLICIES))

    session_idle_s = fields.Integer(load_default=LONGEST_IDLE_S, validate=validate.Range(HOUR_S, LONGEST_IDLE_S))
    session_longest_s = fields.Integer(load_default=LONGEST_S, validate=validate.Range(HOUR_S, LONGEST_S))
    tombstone_days = fields.Integer(load_default=TOMBSTONE_DAYS, validate=validate.Range(*TOMBSTONES_KEPT))

    @validates("siren")
    def _siren(self, value: str, **_: Any) -> None:
        """Nine digits whose Luhn sum is a multiple of ten (INSEE)."""
        digits = value.replace(" ", "")
        doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits)) if d.isdigit()]
        if not re.fullmatch(r"[0-9]{9}", digits) or sum(n // 10 + n % 10 for n in doubled) % 10:
            raise ValidationError("Not a SIREN: nine digits with a valid check digit.")

    @post_load
    def _normal(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["siren"] = data["siren"].replace(" ", "")
        data["colour"] = data["colour"].lower()
        return data
