"""What state each signing key is in: told by its times, so that no job has to move it on."""

from typing import Any, Literal

from config import clock
from tenants.clients.pictures import RegisteredKey, RegisteredSyndic

State = Literal["next", "active", "retired", "revoked"]


def described(syndic: RegisteredSyndic) -> list[dict[str, Any]]:
    """A syndic's keys for operators: `kid`, `alg`, `state` and from when each signs."""
    return [
        {"kid": key.kid, "alg": key.alg, "state": state(syndic, key), "signs_from": key.signs_from.isoformat()}
        for key in syndic.keys
    ]


def state(syndic: RegisteredSyndic, key: RegisteredKey) -> State:
    """Whether a key will sign, signs, has signed, or may not be trusted any more."""
    if key.revoked:
        return "revoked"
    if key.signs_from > clock.now():
        return "next"
    return "active" if syndic.signing_key(key.alg) is key else "retired"
