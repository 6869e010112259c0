"""What userinfo tells: the syndic's own record of the account, and of the person only what was released to it."""

import uuid
from typing import Any

import psycopg

from broker.oidc import queries
from broker.oidc.errors import BearerError
from config import clock
from tenants.clients.registry import RegisteredSyndic

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


def userinfo(sql: psycopg.Cursor[dict[str, Any]], syndic: RegisteredSyndic, grant: uuid.UUID) -> dict[str, Any]:
    """The claims of a grant, by its scopes and `claims` parameter.

    Raises:
        BearerError: the grant stands no more: revoked, logged out, its link or trust ended.
    """
    row = sql.execute(queries.USERINFO, {"grant": grant, "syndic": syndic.id, "now": clock.now()}).fetchone()
    if row is None:
        raise BearerError("invalid_token")
    scopes = set(row["scope"].split())
    known = {**_of_record(row), **_released(row)}
    wanted = {name for scope in scopes for name in BY_SCOPE.get(scope, ())}
    wanted |= set(((row["claims"] or {}).get("userinfo") or {}).keys()) & known.keys()
    told = {name: known[name] for name in sorted(wanted) if known.get(name) is not None}
    told["sub"] = row["sub"]
    if row["identity_id"] is not None:
        told["person"] = syndic.person(row["identity_id"])
    if "accounts" in scopes:
        told["account"] = _account(row)
        told["accounts"] = _accounts(sql, syndic, row)
    return told


def _of_record(row: dict[str, Any]) -> dict[str, Any]:
    """Personal claims as the syndic itself gave them (SECURITY R5: its word on an e-mail verifies nothing)."""
    email = row["email"]
    return {
        "name": row["holder"] or None,
        "email": email,
        "email_verified": False if email else None,
        "updated_at": int(row["imported_at"].timestamp()),
    }


def _released(row: dict[str, Any]) -> dict[str, Any]:
    """Central claims that the owner lets this syndic see."""
    central = dict(row["profile"] or {})
    central.setdefault("locale", row["locale"])
    released = set(row["released"])
    told = {name: value for name, value in central.items() if name in released}
    if "email" in released:
        told |= {"email": row["identity_email"], "email_verified": True}
    return told


def _account(row: dict[str, Any]) -> dict[str, str]:
    return {"id": row["public_id"], "identifier": row["identifier"], "label": row["own"] or row["label"]}


def _accounts(
    sql: psycopg.Cursor[dict[str, Any]], syndic: RegisteredSyndic, row: dict[str, Any]
) -> list[dict[str, str]]:
    if row["identity_id"] is None:
        return [_account(row)]
    values = {"identity": row["identity_id"], "syndic": syndic.id}
    return [_account(each) for each in sql.execute(queries.OWN_ACCOUNTS, values)]
