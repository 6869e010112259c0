"""The form of a trust file, and the words that name a place in it."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from tenants.trust.circles import ADMISSIONS
from tenants.trust.models import PURPOSES

filled = validate.Length(min=1, error="It is empty.")
purpose = validate.OneOf(PURPOSES, error="No purpose {input!r}; there are {choices}.")


def _text() -> fields.String:
    return fields.String(required=True, validate=filled)


def _purposes(**options: Any) -> fields.List[str]:
    return fields.List(fields.String(validate=purpose), **options)


class CircleEntry(Schema):
    """`[[circle]]`: all members listed are parties to the charter."""

    name = _text()
    charter = _text()
    admission = fields.String(
        required=True, validate=validate.OneOf(ADMISSIONS, error="No admission {input!r}; there are {choices}.")
    )
    purposes = _purposes(required=True, validate=filled)
    members = fields.List(fields.String(), load_default=list)


class AgreementEntry(Schema):
    """`[[agreement]]`: proposed and accepted, by a document that both signed."""

    proposer = _text()
    accepter = _text()
    document = _text()
    forward = _purposes(load_default=list)
    backward = _purposes(load_default=list)


class DenialEntry(Schema):
    """`[[denial]]`."""

    denier = _text()
    denied = _text()


class TrustFile(Schema):
    """A whole file."""

    circle = fields.List(fields.Nested(CircleEntry), load_default=list)
    agreement = fields.List(fields.Nested(AgreementEntry), load_default=list)
    denial = fields.List(fields.Nested(DenialEntry), load_default=list)


def read(file: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The file's entries, and every complaint about its form with its place; one of both is empty."""
    try:
        return TrustFile().load(file), []
    except ValidationError as error:
        return {}, list(_complaints(error.messages, ""))


def place(table: str, index: int, *path: str | int) -> str:
    """`[[circle]] number 2, members 1`: entries are counted from 1, as a reader of the file counts them."""
    return " ".join([f"[[{table}]] number {index + 1},", *(_step(step) for step in path)]).rstrip(",")


def _step(step: str | int) -> str:
    return str(step + 1) if isinstance(step, int) else step


def _complaints(messages: Any, path: str) -> Iterator[str]:
    """Marshmallow's messages by nested keys, one line each."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _complaints(inner, _deeper(path, key))
    else:
        for message in messages:
            yield f"{path}: {message}"


def _deeper(path: str, key: str | int) -> str:
    if not path:
        return f"[[{key}]]"
    return f"{path} number {key + 1}," if isinstance(key, int) and path.endswith("]]") else f"{path} {_step(key)}"
