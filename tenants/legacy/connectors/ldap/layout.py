"""How a syndic's directory is laid out: what its operator says of it at registration, checked field by field."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from tenants.legacy.refusals import UnusableSource

IDENTIFIER, KEY = "{identifier}", "{key}"
NAME = validate.Regexp(r"[A-Za-z][A-Za-z0-9-]{0,63}\Z", error="Not an attribute's name.")
TEXT = validate.Length(min=1, max=500)


class MarkSchema(Schema):
    """A value that an attribute is given, and what it had otherwise (nothing: the attribute is removed)."""

    attribute = fields.String(required=True, validate=NAME)
    value = fields.String(required=True, validate=TEXT)
    otherwise = fields.String(load_default=None, allow_none=True, validate=TEXT)


class LayoutSchema(Schema):
    """A directory's layout, as docs/legacy.md has it. The service account's password is no part of it."""

    base = fields.String(load_default=None, validate=TEXT)
    where = fields.Dict(keys=fields.String(validate=NAME), values=fields.String(validate=TEXT), load_default=dict)
    dn = fields.String(load_default=None, validate=TEXT)
    identifier = fields.String(load_default="uid", validate=NAME)
    holder = fields.String(load_default="cn", validate=NAME)
    email = fields.String(load_default="mail", validate=NAME)
    label = fields.String(load_default="description", validate=NAME)
    password = fields.String(load_default="userPassword", validate=NAME)
    bind_dn = fields.String(required=True, validate=TEXT)
    ca = fields.String(load_default=None)
    starttls = fields.Boolean(load_default=None)
    disable = fields.Nested(MarkSchema, load_default=None)
    reissue = fields.Nested(MarkSchema, load_default=None)

    @validates("dn")
    def _dn(self, value: str | None, **_: Any) -> None:
        if value is not None and value.count(IDENTIFIER) != 1:
            raise ValidationError(f"It must hold {IDENTIFIER} once.")

    @validates("ca")
    def _ca(self, value: str | None, **_: Any) -> None:
        if value is None:
            return
        try:
            ssl.create_default_context(cadata=value)
        except (ssl.SSLError, ValueError):
            raise ValidationError("Not a certificate in PEM.") from None

    @validates_schema
    def _whole(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["base"] is None) == (data["dn"] is None):
            raise ValidationError("Either a base to search under, or a dn that holds {identifier}.", "base")
        if data["reissue"] and KEY not in data["reissue"]["value"]:
            raise ValidationError(f"It must hold {KEY}, so that a wish is told from the one before.", "reissue")


@dataclass(frozen=True)
class Mark:
    """See `MarkSchema`."""

    attribute: str
    value: str
    otherwise: str | None

    @property
    def values_otherwise(self) -> list[str]:
        """What takes the mark away."""
        return [] if self.otherwise is None else [self.otherwise]


@dataclass(frozen=True)
class Layout:
    """See `LayoutSchema`. `disable`: None where a secret is retired by a random one in its place."""

    base: str | None
    where: Mapping[str, str]
    dn: str | None
    identifier: str
    holder: str
    email: str
    label: str
    password: str
    bind_dn: str
    ca: str | None
    starttls: bool | None
    disable: Mark | None
    reissue: Mark | None

    @property
    def attributes(self) -> tuple[str, ...]:
        """What is read of an entry. `modifyTimestamp` is operational: it comes only where it is asked for by name."""
        marks = (mark.attribute for mark in (self.disable, self.reissue) if mark)
        return (self.identifier, self.holder, self.email, self.label, "modifyTimestamp", *marks)

    def name_of(self, identifier: str) -> str | None:
        """The name of an account's entry where names are made of identifiers; None where it must be searched for."""
        return None if self.dn is None else self.dn.replace(IDENTIFIER, escaped(identifier))


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """A layout as it is kept.

    Raises:
        UnusableSource: naming every field that is wrong.
    """
    try:
        return dict(LayoutSchema().load(given))
    except ValidationError as error:
        raise UnusableSource(f"the directory's layout is not usable: {error.messages}") from error


def read(kept: Mapping[str, Any]) -> Layout:
    """A layout that `checked` made."""
    marks = {name: Mark(**kept[name]) if kept[name] else None for name in ("disable", "reissue")}
    return Layout(**{**kept, **marks})


def escaped(value: str) -> str:
    """A value within a name (RFC 4514 §2.4): every byte that is no ASCII letter or digit in hexadecimal."""
    return re.sub(rb"[^A-Za-z0-9]", lambda each: b"\\%02x" % each.group()[0], value.encode()).decode()
