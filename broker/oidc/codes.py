"""Authorization codes: issued with everything they rest on, redeemed once (RFC 6749 §4.1.2)."""

import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg

from broker.oidc import queries
from broker.oidc.decision import SignIn
from broker.oidc.parameters import Parameters
from config import clock, secrets
from config.database import new_id, statements
from tenants.clients.registry import RegisteredClient, RegisteredSyndic

CODE_LIFE = timedelta(seconds=60)
GRANT_LIFE = timedelta(minutes=10)
"""As long as what it can give: a code of one minute, then an access token of five."""
NOTICED_EVERY = timedelta(minutes=5)


def issue(
    sql: psycopg.Cursor[dict[str, Any]],
    syndic: RegisteredSyndic,
    client: RegisteredClient,
    parameters: Parameters,
    sign_in: SignIn,
) -> str:
    """Issue a code for this sign-in at this client."""
    now, code = clock.now(), secrets.token()
    session, account = sign_in.session, sign_in.account
    claims = parameters.claims
    sql.execute(
        queries.ISSUE_CODE,
        {
            "now": now,
            "client_session_id": new_id(),
            "session": session["id"],
            "client": client.id,
            "account": account["account_id"],
            "sid": secrets.token(),
            "grant": uuid.uuid4(),
            "syndic": syndic.id,
            "link": account["link_id"],
            "identity": session["identity_id"],
            "identity_epoch": session["identity_epoch"],
            "origin": sign_in.origin,
            "sub": account["sub"],
            "scope": parameters.granted_scope(client),
            "acr": session["acr"],
            "amr": session["amr"],
            "auth_time": session["authenticated_at"],
            "claims": json.dumps(claims) if claims else None,
            "grant_expires": now + GRANT_LIFE,
            "notice_before": now - NOTICED_EVERY,
            "digest": secrets.digest(code),
            "redirect_uri": parameters.get("redirect_uri"),
            "nonce": parameters.get("nonce") or None,
            "code_challenge": parameters.get("code_challenge") or None,
            "code_expires": now + CODE_LIFE,
        },
    )
    return code


def redeem(syndic: RegisteredSyndic, client_pk: uuid.UUID, code: str) -> dict[str, Any] | None:
    """The row of a code and its grant, for the first redemption by its own client; None for everything else.

    A second redemption takes back what the first one gave.
    """
    values = {"now": clock.now(), "digest": secrets.digest(code), "client": client_pk, "syndic": syndic.id}
    with statements() as sql:
        row = sql.execute(queries.TAKE_CODE, values).fetchone()
        if row is None:
            sql.execute(queries.REVOKE_BY_CODE, values)
    return row
