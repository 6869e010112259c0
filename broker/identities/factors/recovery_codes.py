"""Recovery codes: ten on a sheet of paper, each good once. They are shown when they are made, and never again."""

import uuid

from sqlalchemy import delete, func, select, update

from broker.identities.factors.models import RecoveryCode
from config import clock, secrets
from config.database import session
from config.settings import settings

COUNT = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter looks like another sign."""
READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, "–": None, "\N{NON-BREAKING HYPHEN}": None})
LENGTH, GROUP = 12, 4
"""Sixty bits, in three groups."""


def renew(identity_id: uuid.UUID) -> list[str]:
    """Make ten new codes; the former ones are void. Returns the only copy of them."""
    forget(identity_id)
    codes, now = [_code() for _ in range(COUNT)], clock.now()
    session().add_all(
        RecoveryCode(identity_id=identity_id, code_mac=_mac(identity_id, code), created_at=now) for code in codes
    )
    session().flush()
    return ["-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP)) for code in codes]


def left(identity_id: uuid.UUID) -> int:
    """How many codes are not used yet."""
    unused = select(func.count()).where(RecoveryCode.identity_id == identity_id, RecoveryCode.used_at.is_(None))
    return session().scalar(unused) or 0


def taken(identity_id: uuid.UUID, typed: str) -> bool:
    """Whether it is an unused code, which is used from this commit on; of two at once, one is."""
    code = written(typed)
    if code is None:
        return False
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.identity_id == identity_id,
            RecoveryCode.code_mac == _mac(identity_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    return session().scalar(used) is not None


def written(typed: str) -> str | None:
    """The code that was typed, in the form that is compared; None: it is no such code."""
    code = "".join(typed.lower().split()).translate(READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def forget(identity_id: uuid.UUID) -> None:
    """No code is good any more."""
    session().execute(delete(RecoveryCode).where(RecoveryCode.identity_id == identity_id))


def _code() -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.random_bytes(LENGTH))


def _mac(identity_id: uuid.UUID, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "recovery", str(identity_id), code)
