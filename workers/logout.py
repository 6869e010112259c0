"""Tells an extranet that a login session has ended (OpenID Connect Back-Channel Logout 1.0 §2.5 and §2.8)."""

import json
import re
from typing import Any
from uuid import UUID

from broker.oidc import logout_tokens
from config.database import transaction
from config.outgoing.transport import client
from workers.answers import answer_of
from workers.outcomes import GiveUp, Retry

TAKEN = (200, 204)
"""§2.8 asks for 200; several frameworks make 204 of an answer without a body."""
ERROR_CODE = re.compile(r"[a-z_]{1,40}")


def tell(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Keep a promise of `logout.backchannel`: `{"client_session_id"}`, a UUID as text.

    The extranet is called with no transaction open, since it may take seconds; each call carries a token of its own.
    Returns `{"told": bool}`: false where the client takes no such calls any more.

    Raises:
        Unreachable: no answer, or one that says to come back later.
        Retry: an answer that does not say that the session has ended there.
        GiveUp: the extranet refuses the token: the same one minted anew would be refused again.
    """
    with transaction():
        notice = logout_tokens.mint(UUID(payload["client_session_id"]))
    if notice is None:
        return {"told": False}
    request = client().build_request("POST", notice.address, data={"logout_token": notice.token})
    answer = answer_of(client(), request, "the extranet")
    if answer.status not in TAKEN:
        _judge(answer.status, _error_code(answer.body))
    return {"told": True}


def _judge(status: int, error: str) -> None:
    if 400 <= status < 500 and error == "invalid_request":
        raise GiveUp(f"the extranet refuses the logout token: {status} {error}")
    raise Retry(f"the extranet answers {status} {error}".strip())


def _error_code(body: bytes) -> str:
    """The `error` of an answer (§2.8). Its other words are the extranet's own, and might repeat the token."""
    try:
        code = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return code if isinstance(code, str) and ERROR_CODE.fullmatch(code) else ""
