"""Wrong codes of second factors, counted per identity before they are checked and committed at once.

They stand in the same table as the attempts under a name, but no known browser counts apart and no network is slowed:
whoever comes here has shown the password already.
"""

import uuid
from datetime import timedelta

from config import clock, secrets
from config.database import statements
from config.settings import settings

ALLOWED = 5
LOCK = timedelta(minutes=15)
"""Five guesses of six digits, three of which are right at any time, in a quarter of an hour (RFC 4226 §7.3)."""

_RESERVE = """
INSERT INTO login_attempts AS kept (name, failures, locked_until, updated_at)
VALUES (%(name)s, 1, NULL, %(now)s)
ON CONFLICT (name) DO UPDATE SET
    failures = CASE WHEN kept.updated_at <= %(stale)s THEN 1 ELSE kept.failures + 1 END,
    locked_until = CASE WHEN kept.updated_at > %(stale)s AND kept.failures + 1 >= %(allowed)s THEN %(until)s END,
    updated_at = %(now)s
WHERE kept.locked_until IS NULL OR kept.locked_until <= %(now)s
RETURNING failures
"""


def reserve(identity_id: uuid.UUID) -> int | None:
    """Count one try before it is checked. Returns how many are left should it be wrong, or None: none is checked."""
    now = clock.now()
    values = {"name": _name(identity_id), "now": now, "stale": now - LOCK, "until": now + LOCK, "allowed": ALLOWED}
    with statements() as sql:
        row = sql.execute(_RESERVE, values).fetchone()
    return None if row is None else ALLOWED - int(row["failures"])


def succeeded(identity_id: uuid.UUID) -> None:
    """The code was right: the counter goes back to zero."""
    with statements() as sql:
        sql.execute("DELETE FROM login_attempts WHERE name = %s", (_name(identity_id),))


def _name(identity_id: uuid.UUID) -> bytes:
    return secrets.keyed(settings().keys.name_key, "factor", str(identity_id))
