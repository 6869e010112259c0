"""What userinfo tells: the syndic's own record of the account, and of the person only what was released to it."""

import uuid
from typing import Any

import psycopg

from broker.identities.profile import full_name
from broker.oidc import queries
from broker.oidc.errors import BearerError
from broker.oidc.parameters import Parameters
from broker.oidc.tokens import AccessToken
from config import clock
from tenants.clients.pictures import RegisteredSyndic
from tenants.clients.registry import confirm

BY_SCOPE = {
    "profile": (
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
}  # fmt: skip
"""OIDC Core §5.4."""

KNOWN = frozenset(name for names in BY_SCOPE.values() for name in names)


def asked_for(parameters: Parameters) -> dict[str, list[str]]:
    """What a grant keeps of the `claims` parameter: the names of claims that exist, by member.

    All else in it is somebody else's JSON, which may hold what PostgreSQL's cannot.
    """
    asked = parameters.claims
    if not asked:
        return {}
    names = {member: sorted(KNOWN & (asked.get(member) or {}).keys()) for member in ("userinfo", "id_token")}
    return {member: found for member, found in names.items() if found}


def userinfo(sql: psycopg.Cursor[dict[str, Any]], syndic: RegisteredSyndic, token: AccessToken) -> dict[str, Any]:
    """The claims of a grant, by its scopes and `claims` parameter.

    Raises:
        BearerError: the grant stands no more: revoked, logged out, its link ended, its client suspended.
        ConfigurationChangedError: the syndic is not what the picture says.
    """
    row = _row(sql, syndic, token.grant)
    if row is None:
        raise BearerError("invalid_token")
    confirm(syndic, row["version"])
    client = syndic.clients.get(token.client_id)
    if client is None or not client.active:
        raise BearerError("invalid_token")
    scopes = set(row["scope"].split()) & token.scopes
    wanted = {name for scope in scopes for name in BY_SCOPE.get(scope, ())} | _asked(row, "userinfo")
    told = _told(row, wanted)
    told["sub"] = row["sub"]
    if row["identity_id"] is not None:
        told["person"] = syndic.person(row["identity_id"])
    if "accounts" in scopes:
        told["account"] = _account(row)
        told["accounts"] = [_account(each) for each in row["accounts"] or [row]]
    return told


def for_id_token(sql: psycopg.Cursor[dict[str, Any]], syndic: RegisteredSyndic, grant: uuid.UUID) -> dict[str, Any]:
    """The personal claims that the `claims` parameter asks for in the ID token; without it there are none."""
    row = _row(sql, syndic, grant)
    return _told(row, _asked(row, "id_token")) if row else {}


def _row(sql: psycopg.Cursor[dict[str, Any]], syndic: RegisteredSyndic, grant: uuid.UUID) -> dict[str, Any] | None:
    values = {"grant": grant, "syndic": syndic.id, "now": clock.now(), "accounts": "accounts"}
    return sql.execute(queries.USERINFO, values).fetchone()


def _asked(row: dict[str, Any], member: str) -> set[str]:
    return set((row["claims"] or {}).get(member) or {})


def _told(row: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Of the wanted claims those that are known; what is not known is left out (OIDC Core §5.3.2)."""
    known = {**_of_record(row), **_released(row)}
    return {name: known[name] for name in sorted(wanted & known.keys()) if known[name] is not None}


def _of_record(row: dict[str, Any]) -> dict[str, Any]:
    """Personal claims as the syndic itself gave them (SECURITY R5: its word on an e-mail verifies nothing).

    Its record of an account speaks of whoever it printed the account's own secret for: of a further holder, who was
    invited or got a second code, it says nothing, and another person's name or address is not theirs.
    """
    if row["further"]:
        return {}
    email = row["email"]
    return {
        "name": row["holder"] or None,
        "email": email,
        "email_verified": False if email else None,
        "updated_at": int(row["imported_at"].timestamp()),
    }


def _released(row: dict[str, Any]) -> dict[str, Any]:
    """Central claims that the owner lets this syndic see."""
    if not row["released"]:
        return {}
    central = dict(row["profile"] or {})
    central.setdefault("locale", row["locale"])
    if full_name(central):
        central.setdefault("name", full_name(central))
    released = set(row["released"])
    told = {name: value for name, value in central.items() if name in released}
    if "email" in released:
        told |= {"email": row["identity_email"], "email_verified": True}
    return told


def _account(row: dict[str, Any]) -> dict[str, str]:
    return {"id": row["public_id"], "identifier": row["identifier"], "label": row["own"] or row["label"]}
