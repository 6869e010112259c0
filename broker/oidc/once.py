"""What may be shown once (the `jti` of an assertion or of a DPoP proof), and what was taken back before its time."""

from datetime import datetime

from config import clock, secrets
from config.database import statements

_USE = """
INSERT INTO used_proofs (digest, expires_at) VALUES (%s, %s)
ON CONFLICT (digest) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE used_proofs.expires_at <= %s
RETURNING digest
"""


def use(kind: str, owner: str, jti: str, until: datetime) -> bool:
    """Whether this is the first time that the owner shows it; remembered until it expires."""
    with statements() as sql:
        return sql.execute(_USE, (_digest(kind, owner, jti), until, clock.now())).fetchone() is not None


def is_used(kind: str, owner: str, jti: str) -> bool:
    """Whether it was used, or taken back."""
    with statements() as sql:
        found = sql.execute("SELECT FROM used_proofs WHERE digest = %s", (_digest(kind, owner, jti),))
        return found.fetchone() is not None


def _digest(kind: str, owner: str, jti: str) -> bytes:
    return secrets.keyed(b"used-proof", kind, owner, jti)
