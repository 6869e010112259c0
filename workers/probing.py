"""Asks each syndic's source, once a day, of the accounts that it has disabled: some come back (an export restored).

Beat promises one turn for each syndic, at an instant of its own within the hour; a turn asks of a few accounts on the
syndic's own lane, and promises the next one while there is more to ask.
"""

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock, outbox, telemetry
from config.database import new_id, session, transaction
from config.logging import log
from config.outbox import Promise, Wish, lane_to
from tenants.legacy import returns, service
from tenants.legacy.connectors import source
from tenants.legacy.connectors.contract import Connector
from workers.alone import PROBES, is_alone
from workers.legacy import on_its_lane

logger = log("legacy")

TOPIC = "legacy.probe"
SYNDICS = 500
"""Begun in one turn of beat: an hour's, so 12,000 a day."""
BATCH = 20
TURN_S = 2.0
"""How long a turn may hold the lane, on which disablements wait: the call under way comes on top."""
SPREAD_S = 50 * 60.0
PAUSE_S = 5.0
_jitter = random.SystemRandom()


def turn() -> int:
    """Promise what is due, one process at a time. Returns for how many syndics; a second time at once, none.

    A syndic whose last turn is not over gets no second one; where it was given up, its attempts begin anew.
    """
    with transaction() as work:
        if not is_alone(work, PROBES):
            return 0
        due = returns.syndics_to_ask(SYNDICS)
        under_way = _under_way()
        outbox.free([under_way[each] for each in due if each in under_way])
        fresh = [each for each in due if each not in under_way]
        outbox.promise_all(TOPIC, {_key(each): _wish(each, SPREAD_S) for each in fresh})
    return len(fresh)


def probe(payload: dict[str, Any], _key_of_it: str) -> dict[str, Any]:
    """Keep a promise of `legacy.probe`: `{"syndic_id"}`, a UUID as text.

    What the source says of each account is noted before the next one is asked of. Returns `{"asked", "returned"}`.

    Raises:
        Unreachable: the source does not answer; later it may.
    """
    syndic_id = UUID(payload["syndic_id"])
    with transaction():
        connector = source.connector_for(syndic_id)
        waiting = returns.to_ask(syndic_id, BATCH) if connector.is_remote else []
    asked, returned = _ask(syndic_id, connector, waiting)
    if len(waiting) == BATCH or asked < len(waiting):
        outbox.promise_all(TOPIC, {_key(syndic_id): _wish(syndic_id, PAUSE_S)})
    return {"asked": asked, "returned": returned}


def _ask(syndic_id: UUID, connector: Connector, waiting: Sequence[tuple[UUID, str]]) -> tuple[int, int]:
    """How many were asked of before the time was over, and how many of them came back."""
    begun, asked, returned = time.monotonic(), 0, 0
    for account_id, identifier in waiting:
        if time.monotonic() - begun > TURN_S:
            break
        with on_its_lane():
            said = connector.status(identifier)
        asked += 1
        returned += _note(syndic_id, account_id, said)
    return asked, returned


def _note(syndic_id: UUID, account_id: UUID, said: str) -> bool:
    with transaction():
        account = service.get(syndic_id, account_id)
        came_back = returns.note(account, said)
        public_id, times = account.public_id, account.returns
    if came_back:
        logger.warning("legacy_returned", account=public_id, times=times)
        telemetry.flow("legacy.returned")
    return came_back


def _under_way() -> dict[UUID, UUID]:
    """Promises that are not kept yet, by syndic."""
    open_ones = select(Promise.payload["syndic_id"].astext, Promise.id).where(
        Promise.topic == TOPIC, Promise.done_at.is_(None)
    )
    return {UUID(row[0]): row[1] for row in session().execute(open_ones)}


def _wish(syndic_id: UUID, within_s: float) -> Wish:
    """Somewhen within so many seconds, so that syndics' turns do not come together."""
    due_at = clock.now() + timedelta(seconds=_jitter.uniform(0, within_s))
    return Wish({"syndic_id": str(syndic_id)}, due_at, lane=lane_to("legacy", syndic_id))


def _key(syndic_id: UUID) -> str:
    return f"{TOPIC}:{syndic_id}:{new_id()}"
