"""Authorization codes: issued with everything they rest on, redeemed once (RFC 6749 §4.1.2)."""

import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg

from broker.oidc import acr, queries
from broker.oidc.claims import asked_for
from broker.oidc.decision import SignIn
from broker.oidc.parameters import Parameters
from config import clock, secrets
from config.database import new_id, statements
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic
from tenants.clients.registry import confirm

CODE_LIFE = timedelta(seconds=60)
GRANT_LIFE = timedelta(minutes=10)
"""As long as what it can give: a code of one minute, then an access token of five."""
OFFLINE_IDLE = timedelta(days=30)
"""How long a refresh token waits for its use. No grant outlives the login session that it rests on."""
OFFLINE = "offline_access"
NOTICED_EVERY = timedelta(minutes=5)

Cursor = psycopg.Cursor[dict[str, Any]]


def issue(
    sql: Cursor, syndic: RegisteredSyndic, client: RegisteredClient, parameters: Parameters, sign_in: SignIn
) -> str | None:
    """Issue a code for this sign-in at this client.

    None: it took place where this syndic trusts nobody, or has been made anew by another tab meanwhile.
    """
    now, code = clock.now(), secrets.token()
    row, digest, claims = sign_in.row, secrets.digest(code), asked_for(parameters)
    values = {
        "now": now,
        "session": row["id"],
        "client": client.id,
        "account": row["account_id"],
        "sid": row["sid"],
        "grant": grant_id(digest),
        "syndic": syndic.id,
        "link": row["link_id"],
        "sub": row["sub"],
        "scope": _scope(client, parameters, sign_in),
        "acr": acr.told(parameters, row["acr"]),
        "auth_time": row["authenticated_at"],
        "claims": json.dumps(claims) if claims else None,
        "grant_expires": now + GRANT_LIFE,
        "digest": digest,
        "redirect_uri": parameters.get("redirect_uri"),
        "nonce": parameters.get("nonce") or None,
        "code_challenge": parameters.get("code_challenge") or None,
        "code_expires": now + CODE_LIFE,
        "dpop_jkt": parameters.get("dpop_jkt") or None,
    }
    noticed = now - NOTICED_EVERY
    if sign_in.home and not sign_in.fresh and row["seen_at"] >= noticed:
        return code if sql.execute(queries.GRANT, values).fetchone() else None
    values |= {"client_session_id": new_id(), "new_sid": secrets.token(), "notice_before": noticed}
    if sign_in.home:
        return code if sql.execute(queries.GRANT_AND_NOTICE, values).fetchone() else None
    elsewhere = {**values, "origins": row["origins"]}
    return code if sql.execute(queries.GRANT_FROM_ELSEWHERE, elsewhere).fetchone() else None


def grant_id(digest: bytes) -> uuid.UUID:
    """A grant's key is half of its code's digest: found by the code, and telling nothing of it."""
    return uuid.UUID(bytes=digest[:16])


def _scope(client: RegisteredClient, parameters: Parameters, sign_in: SignIn) -> str:
    """The requested scopes that this client may have. A legacy sign-in gives no offline access (DESIGN section 3)."""
    granted = parameters.granted_scope(client).split()
    offline = not sign_in.legacy and "refresh_token" in client.grant_types
    return " ".join(name for name in granted if name != OFFLINE or offline)


def redeem(syndic: RegisteredSyndic, client: RegisteredClient, code: str) -> dict[str, Any] | None:
    """The grant of a code, for the first redemption by its own client; None for everything else.

    Any other redemption takes back what the first one gave.

    Raises:
        ConfigurationChangedError: the client was authenticated by an old picture; the code has not been touched.
    """
    now, digest = clock.now(), secrets.digest(code)
    values = {"now": now, "digest": digest, "grant": grant_id(digest), "client": client.id, "syndic": syndic.id}
    more = {"version": syndic.version, "offline": OFFLINE, "idle": now + OFFLINE_IDLE}
    with statements() as sql:
        row = sql.execute(queries.TAKE_CODE, {**values, **more}).fetchone()
        confirm(syndic, syndic.version if row else current_version(sql, syndic))
        if row is None:
            sql.execute(queries.BURN_CODE, values)
    return row


def current_version(sql: Cursor, syndic: RegisteredSyndic) -> int:
    """The version of the syndic's configuration, where a statement that found nothing told none."""
    row = sql.execute(queries.CURRENT_VERSION, {"syndic": syndic.id}).fetchone()
    return int(row["version"]) if row else 0
