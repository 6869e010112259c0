"""Promises in a worker's hands: claimed for a while, and changed only by whoever still holds them.

A claim is a lease. Its end is also its mark: whoever finds another end in the row has lost the promise to
another worker and records nothing. So an act happens at least once, and its result is written exactly once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Json
from sqlalchemy import ColumnElement, Executable, Integer, and_, bindparam, or_, select, text, true, update
from sqlalchemy.orm import aliased

from config import clock
from config.database import has_begun, session, statements, transaction
from config.outbox import Promise
from config.planning import among
from workers import lanes
from workers.lanes import NOW

LEASE_S = 60
HASTILY = text("SET LOCAL synchronous_commit = off")
"""Claims and marks that stand alone are not waited for until they are on the disk: owners' commits queue there.

A server that crashes may forget those of its last second. Then a promise is acted on again, with the same key, as after
any lost answer; what a handler has changed commits with its mark, and is waited for.
"""

_TAKEN = (
    Promise.id,
    Promise.topic,
    Promise.payload,
    Promise.key,
    Promise.attempts,
    Promise.waits_since,
    Promise.due_at,
    Promise.request_id,
)


@dataclass(frozen=True)
class Claimed:
    """A promise that this worker holds until `leased_until`."""

    id: UUID
    topic: str
    payload: dict[str, Any]
    key: str
    attempts: int
    waits_since: datetime
    due_at: datetime
    leased_until: datetime
    lease_s: int
    request_id: str | None


class LeaseLostError(Exception):
    """Another worker has taken the promise over: what this one did in its transaction must not count."""


def claim(topic: str | None = None, limit: int = 100, lease_s: int = LEASE_S, lane: str | None = None) -> list[Claimed]:
    """Take up to `limit` due promises, of one topic or of all, for `lease_s` seconds each, oldest first.

    Either those that need no lane, or those of the lane that this worker is on.
    """
    now = clock.now()
    until = now + timedelta(seconds=lease_s)
    which = {"of_topic": topic, "on_lane": lane}  # the names of columns would be taken for what is to be set
    wanted = {"now": now, "until": until, "at_most": limit, **{name: asked for name, asked in which.items() if asked}}
    with transaction() as work:
        work.execute(HASTILY)
        rows = work.execute(_claiming(any_topic=topic is None, on_a_lane=lane is not None), wanted).all()
    return sorted((Claimed(**row._mapping, leased_until=until, lease_s=lease_s) for row in rows), key=_age)


@cache
def _claiming(*, any_topic: bool, on_a_lane: bool) -> Executable:
    """The statement that claims: the same each time, so it is built once, which costs more than to run it."""
    due = (
        select(Promise.id)
        .where(_waits(), true() if any_topic else Promise.topic == bindparam("of_topic"))
        .where(Promise.lane == bindparam("on_lane") if on_a_lane else Promise.lane.is_(None))
        .order_by(Promise.due_at)
        .limit(bindparam("at_most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(Promise)
        .where(among(Promise.id, select(due.c.id)))
        .values(leased_until=bindparam("until"))
        .returning(*_TAKEN)
        .execution_options(synchronize_session=False)
    )


def _age(claimed: Claimed) -> datetime:
    return claimed.due_at


def _waits() -> ColumnElement[bool]:
    """The condition that a promise is open, due, in nobody's hands, and its turn has come, whatever its lane."""
    free = or_(Promise.leased_until.is_(None), Promise.leased_until <= NOW)
    before = aliased(Promise)
    is_ahead = and_(before.done_at.is_(None), before.stuck_at.is_(None))
    # only its key as a condition: with more, an index of all that is open would seem as good
    ahead = select(is_ahead).where(before.id == Promise.after_id).scalar_subquery()
    its_turn = or_(Promise.after_id.is_(None), ahead.is_not(true()))
    return and_(Promise.done_at.is_(None), Promise.stuck_at.is_(None), Promise.due_at <= NOW, free, its_turn)


DUE = and_(_waits(), or_(Promise.lane.is_(None), ~lanes.BLOCKED))
"""The condition that a promise waits for a worker at `NOW`: open, due, in nobody's hands, its lane free."""


def due_topics() -> list[str]:
    """The topics that have something due."""
    return list(session().scalars(select(Promise.topic).where(DUE).distinct(), {"now": clock.now()}))


def record(held: Claimed, **values: Any) -> None:
    """Change the row, with what the handler has left uncommitted, if it is still in our hands.

    Raises:
        LeaseLostError: it is not.
    """
    if has_begun():
        ours = and_(Promise.id == held.id, Promise.leased_until == held.leased_until, Promise.done_at.is_(None))
        change = update(Promise).where(ours).values(**values).returning(Promise.id)
        ours_still = session().scalar(change.execution_options(synchronize_session=False)) is not None
    else:
        ours_still = _alone(held, values)
    if not ours_still:
        raise LeaseLostError


def _alone(held: Claimed, values: dict[str, Any]) -> bool:
    """Nothing else is to be committed with it: one plain statement, a tenth of a unit of work's cost."""
    kept = {name: Json(value) if isinstance(value, dict) else value for name, value in values.items()}
    with statements() as sql:
        ours = sql.execute(_change(tuple(kept)), {**kept, "id": held.id, "held": held.leased_until})
        return ours.fetchone() is not None


@cache
def _change(names: tuple[LiteralString, ...]) -> LiteralString:
    """The statement that sets these columns, whose names are ours, of a promise that is still in our hands."""
    columns = ", ".join(f"{name} = %({name})s" for name in names)
    return f"""
    WITH hastily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE outbox SET {columns} FROM hastily
    WHERE id = %(id)s AND leased_until = %(held)s AND done_at IS NULL RETURNING id
    """  # noqa: S608 - written by us
