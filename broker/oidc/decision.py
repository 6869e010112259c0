"""Which sign-in answers a request, for which account: or what the person must do first (DESIGN section 4)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from broker.oidc import hints, queries
from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters
from config import clock
from tenants.clients.registry import RegisteredClient, RegisteredSyndic
from tenants.trust import service as trust

Cursor = psycopg.Cursor[dict[str, Any]]
ACCOUNT_HINT = "account:"


@dataclass(frozen=True)
class SignIn:
    """A living session that may answer here, and the account that it answers for."""

    session: dict[str, Any]
    account: dict[str, Any]
    origin: uuid.UUID | None

    @property
    def legacy(self) -> bool:
        """Whether it rests on a legacy secret."""
        return self.session["account_id"] is not None


@dataclass(frozen=True)
class NeedsLogin:
    """The person must sign in (again)."""


@dataclass(frozen=True)
class NoAccountHere:
    """Signed in as somebody who has no account at this syndic."""


Decision = SignIn | NeedsLogin | NoAccountHere


def decide(
    sql: Cursor,
    syndic: RegisteredSyndic,
    client: RegisteredClient,
    parameters: Parameters,
    *,
    tokens: list[bytes],
    asked_at: datetime | None,
) -> Decision:
    """Decide for the browser that holds these session tokens (digests).

    `asked_at` is when a request that comes back from the login page was first made: a sign-in since then satisfies
    `prompt=login` and `max_age`.

    Raises:
        AuthorizationError: `login_required`, where the client allows no page (`prompt=none`).
    """
    silent = "none" in parameters.prompts
    found = _fresh_session(sql, syndic, parameters, tokens, asked_at)
    if found is None:
        if silent:
            raise AuthorizationError("login_required", "no sign-in that may answer silently")
        return NeedsLogin()
    session, origin = found
    accounts = _accounts(sql, syndic, client, session)
    if not accounts:
        if silent:
            raise AuthorizationError("login_required", "no account at this issuer")
        return NoAccountHere()
    account = _chosen(accounts, session, syndic, parameters)
    if account is None:
        if silent:
            raise AuthorizationError("login_required", "the hinted account is not in this session")
        return NeedsLogin()
    return SignIn(session, account, origin)


def _fresh_session(
    sql: Cursor, syndic: RegisteredSyndic, parameters: Parameters, tokens: list[bytes], asked_at: datetime | None
) -> tuple[dict[str, Any], uuid.UUID | None] | None:
    if not tokens:
        return None
    now = clock.now()
    rows = sql.execute(queries.SESSIONS, {"tokens": tokens, "syndic": syndic.id, "now": now}).fetchall()
    for row in rows:
        if _is_fresh(row, parameters, asked_at, now):
            origin = _origin(row, syndic)
            if origin is not None:
                return row, origin
    return None


def _is_fresh(row: dict[str, Any], parameters: Parameters, asked_at: datetime | None, now: datetime) -> bool:
    signed_in: datetime = row["authenticated_at"]
    if asked_at is not None and signed_in >= asked_at:
        return True
    if "login" in parameters.prompts:
        return False
    max_age = parameters.max_age
    return max_age is None or now - signed_in <= timedelta(seconds=max_age)


def _origin(row: dict[str, Any], syndic: RegisteredSyndic) -> uuid.UUID | None:
    """Where this session was authenticated that lets it answer here: at this syndic, or at one it trusts to switch."""
    if row["account_id"] is not None or str(syndic.id) in row["origins"]:
        return syndic.id
    for origin in filter(None, row["origins"]):
        if trust.decide(uuid.UUID(origin), syndic.id, "switch").allowed:
            return uuid.UUID(origin)
    return None


def _accounts(
    sql: Cursor, syndic: RegisteredSyndic, client: RegisteredClient, session: dict[str, Any]
) -> list[dict[str, Any]]:
    if session["account_id"] is not None:
        return sql.execute(queries.LEGACY_ACCOUNT, {"account": session["account_id"], "syndic": syndic.id}).fetchall()
    values = {
        "session": session["id"],
        "client": client.id,
        "identity": session["identity_id"],
        "syndic": syndic.id,
    }
    return sql.execute(queries.ACCOUNTS, values).fetchall()


def _chosen(
    accounts: list[dict[str, Any]], session: dict[str, Any], syndic: RegisteredSyndic, parameters: Parameters
) -> dict[str, Any] | None:
    """The hinted account; else the one last used at this client; else the default; else the oldest."""
    hinted = hints.subject(syndic, parameters.get("id_token_hint"))
    if parameters.get("id_token_hint"):
        return next((row for row in accounts if row["sub"] == hinted), None)
    wanted = parameters.get("login_hint").removeprefix(ACCOUNT_HINT)
    for row in accounts:
        if wanted and parameters.get("login_hint").startswith(ACCOUNT_HINT) and row["public_id"] == wanted:
            return row
    used = [row for row in accounts if row["used_at"] is not None]
    if used:
        return max(used, key=lambda row: row["used_at"])
    return next((row for row in accounts if row["link_id"] == session["default_link_id"]), accounts[0])
