"""Whether one syndic trusts another, for what, and why: the only place that answers. Nothing is trusted by default."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text

from config import clock
from config.database import session
from tenants.trust import registry
from tenants.trust.agreements import accept, end, propose, suspend
from tenants.trust.among import Apart, apart
from tenants.trust.circles import admit, create_circle, leave
from tenants.trust.conditions import condition, grounds
from tenants.trust.denials import deny, lift_denial
from tenants.trust.explanation import Ground, explain

__all__ = [
    "Apart",
    "Decision",
    "Ground",
    "Purpose",
    "accept",
    "admit",
    "apart",
    "condition",
    "create_circle",
    "decide",
    "deny",
    "end",
    "explain",
    "leave",
    "lift_denial",
    "may_link",
    "propose",
    "suspend",
]

Purpose = Literal["link", "switch", "list"]
Reason = Literal["same_syndic", "first_account", "agreement", "circle", "denied", "not_trusted"]


@dataclass(frozen=True)
class Decision:
    """An answer, its machine-readable reason, and the agreement's document or the circle's name it rests on."""

    allowed: bool
    reason: Reason
    because: str = ""


GROUNDS = text(grounds(":from_id", ":to_ids", ":purpose", ":at"))
"""What stands between `from_id` and each of `to_ids` at that instant."""


def decide(a: uuid.UUID, b: uuid.UUID, purpose: Purpose, at: datetime | None = None) -> Decision:
    """Whether `b` opens itself to what comes from `a`, at an instant (none: now).

    `link`: one identity may hold accounts at both (symmetric). `switch`: `b` accepts a sign-in that took place
    at `a`. `list`: `a`'s menu may show accounts at `b`.
    """
    if a == b:
        return Decision(True, "same_syndic")
    return _answers(a, {b}, purpose, at)[0]


def may_link(syndic_id: uuid.UUID, held: Iterable[uuid.UUID], at: datetime | None = None) -> Decision:
    """Whether an identity with active links at `held` may get one at `syndic_id`, in one query for any number.

    It may where it has one there already, or where `decide` says link for every other syndic; the first that
    does not is the answer, and whoever asks for an owner must not tell which. What it says stays so until the
    transaction ends, which makes the link: no change of the registry is acknowledged meanwhile.
    """
    others = set(held)
    if syndic_id in others:
        return Decision(True, "same_syndic")
    if not others:
        return Decision(True, "first_account")
    registry.rest_upon()
    answers = _answers(syndic_id, others, "link", at)
    return next((answer for answer in answers if not answer.allowed), answers[0])


def _answers(a: uuid.UUID, others: set[uuid.UUID], purpose: Purpose, at: datetime | None) -> list[Decision]:
    session().flush()  # plain SQL sees what the database has
    facts = {"from_id": a, "to_ids": sorted(others), "purpose": purpose, "at": at or clock.now()}
    return [_answer(row) for row in session().execute(GROUNDS, facts)]


def _answer(row: Row[Any]) -> Decision:
    if row.denied:
        return Decision(False, "denied")
    if row.document is not None:
        return Decision(True, "agreement", row.document)
    if row.circle is not None:
        return Decision(True, "circle", row.circle)
    return Decision(False, "not_trusted")
