"""Attempts per submitted name, counted before anything is verified, so that no race gets a sixth password checked.

Counters stand in PostgreSQL and are committed at once, outside the caller's transaction: a refusal that rolls
back must still have counted.
"""

from dataclasses import dataclass
from datetime import timedelta

from config import clock, secrets
from config.database import statements
from config.settings import settings

ALLOWED = 5
EMAIL_LOCK = timedelta(days=30)

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


@dataclass(frozen=True)
class Name:
    """A submitted name, as it is counted: an address everywhere, an identifier per syndic and caller's network."""

    key: bytes
    lock: timedelta


def of_email(canonical: str) -> Name:
    """The counter of an address: one for all pages (SECURITY R11)."""
    return Name(secrets.keyed(settings().keys.name_key, "email", canonical), EMAIL_LOCK)


def of_identifier(slug: str, identifier: str, network: str) -> Name:
    """The counter of an identifier at one syndic from one network: strangers cannot lock out the holder (R13)."""
    lock = timedelta(seconds=settings().timings.legacy_lock_s)
    return Name(secrets.keyed(settings().keys.name_key, "identifier", slug, identifier, network), lock)


def reserve(name: Name) -> int | None:
    """Count one attempt before it is checked. Returns how many are left should it fail, or None: locked."""
    now = clock.now()
    values = {
        "name": name.key,
        "now": now,
        "stale": now - name.lock,
        "until": now + name.lock,
        "allowed": ALLOWED,
    }
    with statements() as sql:
        row = sql.execute(_RESERVE, values).fetchone()
    return None if row is None else ALLOWED - int(row["failures"])


def is_locked(name: Name) -> bool:
    """Whether no password is checked for this name now."""
    with statements() as sql:
        row = sql.execute("SELECT locked_until FROM login_attempts WHERE name = %s", (name.key,)).fetchone()
    return row is not None and row["locked_until"] is not None and row["locked_until"] > clock.now()


def succeeded(name: Name) -> None:
    """The password was right: the counter goes back to zero."""
    with statements() as sql:
        sql.execute("DELETE FROM login_attempts WHERE name = %s", (name.key,))


def withdrawn(name: Name) -> None:
    """Nothing was checked after all (the source did not answer): the attempt is given back."""
    with statements() as sql:
        sql.execute(
            "UPDATE login_attempts SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE name = %s",
            (name.key,),
        )
