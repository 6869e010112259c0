"""Whether one syndic trusts another, for what, and why: the only place that answers. Nothing is trusted by default.

Whatever writes asks the database in its own transaction or statement: `may_link`, `decide`, `condition`. Whatever only
shows asks this process's picture, which follows within half a second: `glance`, `trusted`.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from config import clock
from config.database import session
from tenants.trust import cache, registry
from tenants.trust.agreements import accept, end, propose, suspend
from tenants.trust.among import Apart, apart
from tenants.trust.cache import doubt
from tenants.trust.circles import admit, admit_all, create_circle, join, leave
from tenants.trust.conditions import condition, grounds
from tenants.trust.decisions import (
    DENIED,
    FIRST_ACCOUNT,
    INACTIVE,
    NOT_TRUSTED,
    SAME_SYNDIC,
    Decision,
    Purpose,
)
from tenants.trust.denials import deny, lift_denial
from tenants.trust.explanation import Ground, explain
from tenants.trust.objections import object_to, withdraw_objection

__all__ = [
    "Apart",
    "Decision",
    "Ground",
    "Purpose",
    "accept",
    "admit",
    "admit_all",
    "apart",
    "condition",
    "create_circle",
    "decide",
    "deny",
    "doubt",
    "end",
    "explain",
    "glance",
    "join",
    "leave",
    "lift_denial",
    "may_link",
    "object_to",
    "propose",
    "suspend",
    "trusted",
    "withdraw_objection",
]

GROUNDS = text(grounds(":from_id", ":to_ids", ":purpose", ":at"))
"""What stands between `from_id` and each of `to_ids` at that instant."""


def decide(a: uuid.UUID, b: uuid.UUID, purpose: Purpose, at: datetime | None = None) -> Decision:
    """Whether `b` opens itself to what comes from `a`, at an instant (none: now), as the database says.

    `link`: one identity may hold accounts at both (symmetric). `switch`: `b` accepts a sign-in that took place
    at `a`. `list`: `a`'s menu may show accounts at `b`. Periods are those of that instant; whether both syndics are
    active, that of now. A syndic trusts itself, whatever its status: its own issuer sees to that.
    """
    if a == b:
        return SAME_SYNDIC
    return _answers(a, {b}, purpose, at)[0]


def glance(a: uuid.UUID, b: uuid.UUID, purpose: Purpose, at: datetime | None = None) -> Decision:
    """As `decide`, from this process's picture: in microseconds, and for what is only shown."""
    return cache.picture().decide(a, b, purpose, at or clock.now())


def trusted(
    a: uuid.UUID, others: Collection[uuid.UUID], purpose: Purpose, at: datetime | None = None
) -> set[uuid.UUID]:
    """Those of `others` that open themselves to what comes from `a`: `glance` for any number at once."""
    picture, moment = cache.picture(), at or clock.now()
    return {other for other in others if picture.decide(a, other, purpose, moment).allowed}


def may_link(syndic_id: uuid.UUID, held: Iterable[uuid.UUID], at: datetime | None = None) -> Decision:
    """Whether an identity with active links at `held` may get one at `syndic_id`, in one query for any number.

    It may where it has one there already, or where `decide` says link for every other syndic; the first that
    does not is the answer, and whoever asks for an owner must not tell which. What it says stays so until the
    transaction ends, which makes the link: no change of the registry is acknowledged meanwhile.
    """
    others = set(held)
    if syndic_id in others:
        return SAME_SYNDIC
    if not others:
        return FIRST_ACCOUNT
    registry.rest_upon()
    answers = _answers(syndic_id, others, "link", at)
    return next((answer for answer in answers if not answer.allowed), answers[0])


def _answers(a: uuid.UUID, others: set[uuid.UUID], purpose: Purpose, at: datetime | None) -> list[Decision]:
    session().flush()  # plain SQL sees what the database has
    facts = {"from_id": a, "to_ids": sorted(others), "purpose": purpose, "at": at or clock.now()}
    return [_answer(row) for row in session().execute(GROUNDS, facts)]


def _answer(row: Row[Any]) -> Decision:
    if row.denied:
        return DENIED
    if row.document is None and row.circle is None:
        return NOT_TRUSTED
    if not row.active:
        return INACTIVE
    if row.document is not None:
        return Decision(True, "agreement", row.document)
    return Decision(True, "circle", row.circle)
