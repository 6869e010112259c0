"""Draws the picture of the registry from the database: five statements in one snapshot."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import psycopg

from tenants.trust.decisions import Decision
from tenants.trust.picture import Circle, Grant, Memberships, Pair, Picture, Span

Cursor = psycopg.Cursor[dict[str, Any]]
Rows = Iterable[Mapping[str, Any]]

VERSION = "SELECT version FROM trust_version"
INACTIVE = "SELECT id FROM syndics WHERE status <> 'active'"
DENIALS = "SELECT denier_id, denied_id, denied_at, lifted_at FROM trust_denials"
AGREEMENTS = """
SELECT proposer_id, accepter_id, forward, backward, document, greatest(accepted_at, valid_from) AS since,
       least(suspended_at, valid_until) AS until
FROM trust_agreements WHERE accepted_at IS NOT NULL ORDER BY id
"""
CIRCLES = "SELECT id, name, purposes FROM trust_circles ORDER BY id"
MEMBERS = "SELECT circle_id, syndic_id, valid_from, valid_until FROM trust_members"


def version(sql: Cursor) -> int:
    """The number of the last transaction that changed the registry."""
    found = sql.execute(VERSION).fetchone()
    if found is None:
        raise LookupError("trust_version has lost its row")
    return int(found["version"])


def snapshot(sql: Cursor) -> Picture:
    """A picture of one instant of the database, on a connection that is in no transaction."""
    with sql.connection.transaction():
        sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return drawn(sql)


def drawn(sql: Cursor) -> Picture:
    """A picture of what these statements see. All of them must see one instant: see `snapshot`."""
    at = version(sql)
    inactive = frozenset(row["id"] for row in sql.execute(INACTIVE))
    span = _spans()
    denials = _denials(sql.execute(DENIALS), span)
    grants = _grants(sql.execute(AGREEMENTS), span)
    named = sql.execute(CIRCLES).fetchall()
    places = {row["id"]: place for place, row in enumerate(named)}
    circles = tuple(Circle(_purposes(*row["purposes"]), Decision(True, "circle", row["name"])) for row in named)
    return Picture(at, inactive, denials, grants, circles, _members(sql.execute(MEMBERS), places, span))


@lru_cache(maxsize=16)
def _purposes(*names: str) -> frozenset[str]:
    """One set for all who grant the same."""
    return frozenset(names)


Spanner = Callable[[datetime, datetime | None], Span]


def _spans() -> Spanner:
    """Periods in UTC, each kept once: those who were admitted together share theirs."""
    kept: dict[Span, Span] = {}

    def made(since: datetime, until: datetime | None) -> Span:
        found = (since.astimezone(UTC), until and until.astimezone(UTC))
        return kept.setdefault(found, found)

    return made


def _denials(rows: Rows, span: Spanner) -> dict[Pair, tuple[Span, ...]]:
    found: dict[Pair, tuple[Span, ...]] = defaultdict(tuple)
    for row in rows:
        period = span(row["denied_at"], row["lifted_at"])
        one, other = row["denier_id"], row["denied_id"]
        found[one, other] += (period,)
        found[other, one] += (period,)
    return dict(found)


def _grants(rows: Rows, span: Spanner) -> dict[Pair, tuple[Grant, ...]]:
    found: dict[Pair, tuple[Grant, ...]] = defaultdict(tuple)
    for row in rows:
        period, answer = span(row["since"], row["until"]), Decision(True, "agreement", row["document"])
        one, other = row["proposer_id"], row["accepter_id"]
        found[one, other] += (Grant(period, _purposes(*row["forward"]), answer),)
        found[other, one] += (Grant(period, _purposes(*row["backward"]), answer),)
    return dict(found)


def _members(rows: Rows, places: Mapping[uuid.UUID, int], span: Spanner) -> dict[uuid.UUID, Memberships]:
    found: dict[uuid.UUID, dict[int, tuple[Span, ...]]] = defaultdict(dict)
    for row in rows:
        mine, place = found[row["syndic_id"]], places[row["circle_id"]]
        mine[place] = (*mine.get(place, ()), span(row["valid_from"], row["valid_until"]))
    return dict(found)
