"""What stands between every two of several syndics, for what is only shown: one statement however many there are."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from config import clock
from config.database import session
from tenants.trust.conditions import condition

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True)
class Apart:
    """Pairs (a, b) of syndics, in both orders where it holds of both."""

    link: frozenset[Pair]
    """One identity may not get accounts at both (any more)."""
    switch: frozenset[Pair]
    """`b` does not accept a sign-in that took place at `a`."""


_APART = text(
    f"""
    SELECT a.id AS a, b.id AS b,
           {condition("a.id", "b.id", "'link'", ":at")} AS link,
           {condition("a.id", "b.id", "'switch'", ":at")} AS switch
    FROM unnest(CAST(:among AS uuid[])) AS a (id), unnest(CAST(:among AS uuid[])) AS b (id)
    WHERE a.id <> b.id
    """  # noqa: S608 - written by us
)


def apart(among: Collection[uuid.UUID], at: datetime | None = None) -> Apart:
    """Between which of these syndics there is no trust, at an instant (none: now): what `decide` says of each pair."""
    if len(set(among)) < 2:
        return Apart(frozenset(), frozenset())
    session().flush()  # plain SQL sees what the database has
    rows = session().execute(_APART, {"among": sorted(set(among)), "at": at or clock.now()}).all()
    return Apart(
        frozenset((row.a, row.b) for row in rows if not row.link),
        frozenset((row.a, row.b) for row in rows if not row.switch),
    )
