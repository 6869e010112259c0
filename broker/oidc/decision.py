"""Which sign-in answers a request, for which account: or what the person must do first (DESIGN section 4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from broker.oidc import acr, hints, queries
from broker.oidc.errors import AuthorizationError
from broker.oidc.parameters import Parameters
from config import clock
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic
from tenants.clients.registry import confirm

Cursor = psycopg.Cursor[dict[str, Any]]
ACCOUNT_HINT = "account:"
SessionTokens = tuple[bytes | None, bytes | None]
"""The digests of the browser's identity session and of its legacy session at this syndic."""


@dataclass(frozen=True)
class SignIn:
    """A living session, and the account that it may answer for here: a row of `queries.SIGN_INS`."""

    row: dict[str, Any]
    fresh: bool
    """This client is not known in the session yet, or comes for another account than the last time."""
    home: bool
    """It was authenticated at this syndic; elsewhere: `codes.issue` asks again whether it trusts that place."""

    @property
    def legacy(self) -> bool:
        """Whether it rests on a legacy secret."""
        return self.row["legacy_account_id"] is not None


@dataclass(frozen=True)
class NeedsLogin:
    """The person must sign in (again)."""


@dataclass(frozen=True)
class NoAccountHere:
    """Signed in as somebody who has no account at this syndic."""


@dataclass(frozen=True)
class NeedsAnswer:
    """The person must answer a question first: `consent`, or `select_account` among these accounts."""

    question: str
    sign_in: SignIn


Decision = SignIn | NeedsLogin | NoAccountHere | NeedsAnswer


def decide(
    sql: Cursor,
    syndic: RegisteredSyndic,
    client: RegisteredClient,
    parameters: Parameters,
    *,
    tokens: SessionTokens,
    asked_at: datetime | None,
) -> Decision:
    """Decide for the browser that holds these session tokens, by one statement.

    `asked_at` is when a request that comes back from the login page was first made: a sign-in since then satisfies
    `prompt=login` and `max_age`.

    Raises:
        AuthorizationError: where the client allows no page (`prompt=none`), or asks for more than there is.
        ConfigurationChangedError: the syndic is not what the picture says.
    """
    rows = _sign_ins(sql, syndic, client, tokens)
    decision = _decided(_of_session(rows, syndic, parameters, asked_at), syndic, parameters, asked_at)
    if isinstance(decision, SignIn) and not acr.is_met(parameters, decision.row["acr"]):
        if asked_at is not None or "none" in parameters.prompts:
            raise AuthorizationError("unmet_authentication_requirements", "the requested acr cannot be reached")
        return NeedsLogin()
    if isinstance(decision, SignIn) and asked_at is None and "none" not in parameters.prompts:
        return NeedsLogin() if acr.is_wished_and_possible(sql, parameters, decision.row) else decision
    return decision if isinstance(decision, SignIn) else _unless_silent(parameters, decision)


def choice(
    sql: Cursor,
    syndic: RegisteredSyndic,
    client: RegisteredClient,
    parameters: Parameters,
    *,
    tokens: SessionTokens,
    asked_at: datetime | None,
) -> list[dict[str, Any]]:
    """The accounts (`public_id`, `identifier`, `label`) of the very sign-in that `decide` would answer with.

    Raises:
        ConfigurationChangedError: the syndic is not what the picture says.
    """
    rows = _of_session(_sign_ins(sql, syndic, client, tokens), syndic, parameters, asked_at)
    found = [row for row in rows if row["account_id"] is not None]
    values = {"accounts": [row["account_id"] for row in found], "links": [row["link_id"] for row in found]}
    return sql.execute(queries.CHOICE, values).fetchall() if found else []


def needs_login(parameters: Parameters) -> Decision:
    """The decision where a sign-in turns out not to count here.

    Raises:
        AuthorizationError: the client allows no page (`prompt=none`).
    """
    return _unless_silent(parameters, NeedsLogin())


def _unless_silent(parameters: Parameters, decision: Decision) -> Decision:
    if "none" in parameters.prompts:
        raise AuthorizationError("login_required", "no sign-in that may answer silently")
    return decision


def _decided(
    rows: list[dict[str, Any]], syndic: RegisteredSyndic, parameters: Parameters, asked_at: datetime | None
) -> Decision:
    if not rows:
        return NeedsLogin()
    accounts = [row for row in rows if row["account_id"] is not None]
    if not accounts:
        return NoAccountHere() if _is_home(rows[0], syndic) else NeedsLogin()
    account = _chosen(accounts, syndic, parameters, asked_at)
    if account is None:
        return NeedsLogin()
    known = account["sid"] is not None and account is _last_used(accounts)
    sign_in = SignIn(account, fresh=not known, home=_is_home(account, syndic))
    for question in ("select_account", "consent"):
        if question in parameters.unanswered:
            return NeedsAnswer(question, sign_in)
    return sign_in


def _is_home(row: dict[str, Any], syndic: RegisteredSyndic) -> bool:
    """Whether the session was authenticated at this very syndic."""
    return row["legacy_account_id"] is not None or syndic.id in row["origins"]


def _sign_ins(
    sql: Cursor, syndic: RegisteredSyndic, client: RegisteredClient, tokens: SessionTokens
) -> list[dict[str, Any]]:
    """One statement for every browser: whether it has a session elsewhere is told to nobody, by nothing."""
    values: dict[str, Any] = {"syndic": syndic.id, "client": client.id, "now": clock.now()}
    values |= {"token": tokens[0], "legacy_token": tokens[1]}
    rows = sql.execute(queries.SIGN_INS, values).fetchall()
    confirm(syndic, rows[0]["version"] if rows else 0)
    return rows


def _of_session(
    rows: list[dict[str, Any]], syndic: RegisteredSyndic, parameters: Parameters, asked_at: datetime | None
) -> list[dict[str, Any]]:
    """The rows of the newest session that is fresh enough and was authenticated here, or where this syndic trusts."""
    now = clock.now()
    for row in (each for each in rows if each["id"] is not None):
        if (_is_home(row, syndic) or row["origins"]) and _is_fresh(row, parameters, asked_at, now):
            return [each for each in rows if each["id"] == row["id"]]
    return []


def _is_fresh(row: dict[str, Any], parameters: Parameters, asked_at: datetime | None, now: datetime) -> bool:
    signed_in: datetime = row["authenticated_at"]
    if asked_at is not None and signed_in >= asked_at:
        return True
    if "login" in parameters.prompts:
        return False
    max_age = parameters.max_age
    return max_age is None or now - signed_in <= timedelta(seconds=max_age)


def _chosen(
    accounts: list[dict[str, Any]], syndic: RegisteredSyndic, parameters: Parameters, asked_at: datetime | None
) -> dict[str, Any] | None:
    """The subject that was asked for; else the hinted account; else the one last used here; else the default one.

    Whoever has just typed the password for this request gets the default one before the last used (JOURNEYS C6).
    """
    subjects = _subjects(syndic, parameters)
    if subjects is not None:
        return next((row for row in accounts if subjects == {row["sub"]}), None)
    hint = parameters.get("login_hint")
    if hint.startswith(ACCOUNT_HINT):
        for row in accounts:
            if row["public_id"] == hint.removeprefix(ACCOUNT_HINT):
                return row
    default = next((row for row in accounts if row["link_id"] == row["default_link_id"]), None)
    interactive = asked_at is not None and accounts[0]["authenticated_at"] >= asked_at
    return (default if interactive else None) or _last_used(accounts) or default or accounts[0]


def _subjects(syndic: RegisteredSyndic, parameters: Parameters) -> set[str | None] | None:
    """What `id_token_hint` and a requested value of `sub` (OIDC Core §5.5.1) ask for; None: nothing."""
    asked: set[str | None] = set()
    if parameters.get("id_token_hint"):
        asked.add(hints.subject(syndic, parameters.get("id_token_hint")))
    wanted = parameters.requested("id_token", "sub").get("value")
    if wanted is not None:
        asked.add(str(wanted))
    return asked or None


def _last_used(accounts: list[dict[str, Any]]) -> dict[str, Any] | None:
    used = [row for row in accounts if row["used_at"] is not None]
    return max(used, key=lambda row: row["used_at"], default=None)
