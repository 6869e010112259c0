"""Attempts per submitted name, counted before anything is verified, so that no race gets a sixth password checked.

Counters stand in PostgreSQL and are committed at once, outside the caller's transaction: a refusal that rolls
back must still have counted. One statement counts, whether or not anybody bears the name.

A browser that has signed in under the name before counts apart (SECURITY R13): no stranger shuts it out. A network
from which many names fail at one syndic is slowed there, and nobody else is (JOURNEYS A8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config import clock, secrets, telemetry
from config.database import statements
from config.logging import log
from config.settings import settings

ALLOWED = 5
EMAIL_LOCK = timedelta(days=30)
MANY = 50
"""Failures of one identifier, from wherever, after which every network has one try a lock's time instead of five."""
BURST = 100
"""Names that may fail from one network at one syndic before it is slowed."""
EASES_S = 10
"""Seconds after which one more name may fail from a slowed network."""
_log = log("attempts")

_COUNT = """
WITH device AS (
    SELECT 1 FROM known_devices WHERE name = %(owner)s AND token_digest = %(device)s
), counted_there AS (
    UPDATE known_devices SET
        failures = CASE WHEN counted_at <= %(stale)s THEN 1 ELSE failures + 1 END,
        locked_until = CASE WHEN counted_at > %(stale)s AND failures + 1 >= %(allowed)s THEN %(until)s END,
        counted_at = %(now)s
    WHERE name = %(owner)s AND token_digest = %(device)s AND (locked_until IS NULL OR locked_until <= %(now)s)
    RETURNING failures
), slowed AS (
    SELECT 1 FROM network_pressure
    WHERE network = %(network)s
      AND level - greatest(0, extract(epoch FROM %(now)s - updated_at)) / %(eases)s > %(burst)s - 1
), may AS (
    SELECT CASE WHEN EXISTS (
        SELECT 1 FROM login_attempts WHERE name = %(whole)s AND updated_at > %(stale)s AND failures >= %(many)s
    ) THEN 1 ELSE %(allowed)s END AS fail
), counted AS (
    INSERT INTO login_attempts AS kept (name, failures, locked_until, updated_at)
    SELECT %(name)s, 1, CASE WHEN may.fail = 1 THEN %(until)s END, %(now)s FROM may
    WHERE NOT EXISTS (SELECT 1 FROM device) AND NOT EXISTS (SELECT 1 FROM slowed)
    ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN kept.updated_at <= %(stale)s THEN 1 ELSE kept.failures + 1 END,
        locked_until = CASE
            WHEN (SELECT fail FROM may) = 1 THEN %(until)s
            WHEN kept.updated_at > %(stale)s AND kept.failures + 1 >= %(allowed)s THEN %(until)s
        END,
        updated_at = %(now)s
    WHERE (kept.locked_until IS NULL OR kept.locked_until <= %(now)s)
    RETURNING failures
), counted_whole AS (
    INSERT INTO login_attempts AS kept (name, failures, locked_until, updated_at)
    SELECT %(whole)s, 1, NULL, %(now)s FROM counted WHERE %(whole)s::bytea IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN kept.updated_at <= %(stale)s THEN 1 ELSE kept.failures + 1 END, updated_at = %(now)s
    RETURNING failures
), pressed AS (
    INSERT INTO network_pressure AS kept (network, level, updated_at)
    SELECT %(network)s, 1, %(now)s FROM counted LEFT JOIN counted_whole ON true WHERE counted.failures = 1
    ON CONFLICT (network) DO UPDATE SET
        level = greatest(0, kept.level - greatest(0, extract(epoch FROM %(now)s - kept.updated_at)) / %(eases)s) + 1,
        updated_at = %(now)s
    RETURNING level
)
SELECT coalesce((SELECT failures FROM counted_there), (SELECT failures FROM counted)) AS failures,
       EXISTS (SELECT 1 FROM device) AS known, EXISTS (SELECT 1 FROM slowed) AS slowed,
       (SELECT fail FROM may) AS allowed, (SELECT level FROM pressed) AS level
"""
"""Rows are always taken in this order: the name's, the whole identifier's, the network's. So no two wait in a ring."""

_GIVE_BACK = """
WITH there AS (
    UPDATE known_devices SET failures = CASE WHEN %(right)s THEN 0 ELSE greatest(failures - 1, 0) END,
                             locked_until = NULL
    WHERE name = %(owner)s AND token_digest = %(device)s AND %(known)s
), here AS (
    UPDATE login_attempts SET failures = CASE WHEN %(right)s THEN 0 ELSE greatest(failures - 1, 0) END,
                              locked_until = NULL
    WHERE name = %(name)s AND NOT %(known)s
), everywhere AS (
    UPDATE login_attempts SET failures = greatest(failures - 1, 0) WHERE name = %(whole)s AND NOT %(known)s
)
UPDATE network_pressure SET level = greatest(level - 1, 0) WHERE network = %(network)s AND %(first)s
"""

_UNLOCK = """
WITH there AS (UPDATE known_devices SET failures = 0, locked_until = NULL WHERE name = %(name)s)
DELETE FROM login_attempts WHERE name = %(name)s
"""


@dataclass(frozen=True)
class Door:
    """Where a name is submitted: from which network, at which syndic ("" is the portal), by which browser.

    `device` finds the token that this browser holds for a name, if it has signed in under it before.
    """

    network: str
    slug: str
    device: Callable[[bytes], str | None]


@dataclass(frozen=True)
class Name:
    """A submitted name, as it is counted: an address everywhere, an identifier per syndic and caller's network."""

    key: bytes
    owner: bytes
    """Under which a known browser is known."""
    lock: timedelta
    whole: bytes | None
    """The identifier from all networks together."""


@dataclass(frozen=True)
class Reserved:
    """An attempt that has been counted and may be checked. `left`: how many there are should it fail."""

    left: int
    values: dict[str, object]


@dataclass(frozen=True)
class Locked:
    """No password is checked for this name any more, for now."""


@dataclass(frozen=True)
class Slowed:
    """Too many names have failed from this network: nothing is checked; `retry_s` seconds later one may be."""

    retry_s: int


def of_email(canonical: str) -> Name:
    """The counter of an address: one for all pages (SECURITY R11)."""
    key = secrets.keyed(settings().keys.name_key, "email", canonical)
    return Name(key, key, EMAIL_LOCK, None)


def of_identifier(slug: str, identifier: str, network: str) -> Name:
    """The counter of an identifier at one syndic from one network: strangers cannot lock out the holder (R13)."""
    whole = secrets.keyed(settings().keys.name_key, "identifier", slug, identifier)
    key = secrets.keyed(settings().keys.name_key, "identifier", slug, identifier, network)
    return Name(key, whole, timedelta(seconds=settings().timings.legacy_lock_s), whole)


def reserve(name: Name, door: Door) -> Reserved | Locked | Slowed:
    """Count one attempt before it is checked."""
    values = _values(name, door)
    with statements() as sql:
        row = sql.execute(_COUNT, values).fetchone()
    assert row is not None  # noqa: S101 - the statement always tells
    if row["level"] is not None and BURST <= row["level"] < BURST + 1:
        _log.warning("spray", syndic=door.slug, network=door.network)
    outcome = _outcome(row)
    telemetry.attempt(outcome)
    if outcome != "checked":
        return Slowed(EASES_S) if outcome == "slowed" else Locked()
    known, failures = bool(row["known"]), int(row["failures"])
    allowed = ALLOWED if known else int(row["allowed"])
    return Reserved(max(allowed - failures, 0), values | {"known": known, "first": not known and failures == 1})


def _outcome(row: dict[str, Any]) -> str:
    if row["failures"] is not None:
        return "checked"
    return "slowed" if row["slowed"] and not row["known"] else "locked"


def succeeded(reserved: Reserved) -> None:
    """The password was right: the name's counter goes back to zero, and nothing is held against the network."""
    _give_back(reserved, right=True)


def withdrawn(reserved: Reserved) -> None:
    """Nothing was checked after all (the source did not answer): the attempt is given back."""
    _give_back(reserved, right=False)


def is_locked(name: Name) -> bool:
    """Whether strangers have locked this name: known browsers count apart."""
    with statements() as sql:
        row = sql.execute("SELECT locked_until FROM login_attempts WHERE name = %s", (name.key,)).fetchone()
    return row is not None and row["locked_until"] is not None and row["locked_until"] > clock.now()


def unlock(name: Name) -> None:
    """Set the counters of a name to zero, in all its browsers (a reset unlocks: JOURNEYS A5)."""
    with statements() as sql:
        sql.execute(_UNLOCK, {"name": name.key})


def _give_back(reserved: Reserved, *, right: bool) -> None:
    with statements() as sql:
        sql.execute(_GIVE_BACK, reserved.values | {"right": right})


def _values(name: Name, door: Door) -> dict[str, object]:
    now = clock.now()
    return {
        "name": name.key,
        "owner": name.owner,
        "whole": name.whole,
        "device": secrets.digest(door.device(name.owner) or ""),
        "network": secrets.keyed(settings().keys.name_key, "network", door.slug, door.network),
        "now": now,
        "stale": now - name.lock,
        "until": now + name.lock,
        "allowed": ALLOWED,
        "many": MANY,
        "burst": BURST,
        "eases": EASES_S,
    }
