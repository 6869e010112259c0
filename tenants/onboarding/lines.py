"""What a record of an export says of one account, and why it may not be kept."""

import re
import unicodedata
from dataclasses import dataclass

from tenants.legacy.connectors import schemes
from tenants.legacy.identifiers import canonical_identifier
from tenants.legacy.refusals import UnusableHash
from tenants.onboarding.exports import Export, Record
from tenants.onboarding.refusals import LineRejected

LONGEST = {"identifier": 64, "holder": 300, "label": 300, "email": 254, "secret_hash": 1024, "secret_scheme": 64}
ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
CALLED = {"secret_hash": "hash", "secret_scheme": "scheme"}


@dataclass(frozen=True)
class AccountLine:
    """One account as the export has it. Empty: the export says nothing; the hash goes with its scheme."""

    line: int
    identifier: str
    holder: str
    label: str
    email: str | None
    secret_scheme: str | None
    secret_hash: str | None


def checked(record: Record, export: Export) -> AccountLine:
    """What a record says.

    Raises:
        LineRejected: with the reason.
    """
    given = _fields(record, export)
    identifier = _identifier(given["identifier"])
    scheme, secret_hash = _secret(given["secret_scheme"], given["secret_hash"])
    email = given["email"] or None
    if email and not ADDRESS.fullmatch(email):
        raise LineRejected("malformed e-mail")
    return AccountLine(record.line, identifier, given["holder"], given["label"], email, scheme, secret_hash)


def _fields(record: Record, export: Export) -> dict[str, str]:
    """The used columns' texts, tidied; empty where the export has no such column."""
    if record.fault:
        raise LineRejected(record.fault)
    fields, wanted = list(record.fields), len(export.columns)
    while len(fields) > wanted and not fields[-1].strip():
        fields.pop()  # some software ends each line with a delimiter
    if len(fields) != wanted:
        raise LineRejected(f"{len(fields)} columns instead of {wanted}")
    given = dict.fromkeys(LONGEST, "")
    for column, text in zip(export.columns, fields, strict=True):
        if column:
            given[column] = _tidy(column, text, export.encoding)
    return given


def _tidy(column: str, text: str, encoding: str) -> str:
    """A field on one line, composed (NFC), without outer spaces."""
    name = CALLED.get(column, column)
    kinds = {unicodedata.category(c) for c in text if c not in "\t\r\n"}
    if "Cs" in kinds:
        raise LineRejected(f"the {name} holds characters that are not {encoding}")
    if "Cc" in kinds:
        raise LineRejected(f"control characters in the {name}")
    tidy = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(tidy) > LONGEST[column]:
        raise LineRejected(f"the {name} is too long ({len(tidy)} characters, {LONGEST[column]} at most)")
    return tidy


def _identifier(text: str) -> str:
    identifier = canonical_identifier(text)
    if not identifier:
        raise LineRejected("missing identifier")
    if "@" in identifier:  # it would be taken for an e-mail address at the login page
        raise LineRejected("the identifier contains '@'")
    return identifier


def _secret(scheme: str, text: str) -> tuple[str | None, str | None]:
    if not scheme and not text:
        return None, None
    if not scheme or not text:
        raise LineRejected("a hash without its scheme" if text else "a scheme without its hash")
    try:
        return schemes.check(scheme, text), text
    except UnusableHash as error:
        raise LineRejected(str(error)) from error
