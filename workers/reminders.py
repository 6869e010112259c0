"""Reminds owners before their syndic's deadline (`broker.association.reminders`): promised in rounds, sent in hours."""

import time
from datetime import datetime
from typing import Any
from uuid import UUID

from broker.association import reminders
from config import clock
from config.database import transaction
from config.mail.service import post
from config.planning import by_index
from config.settings import settings
from workers.alone import REMINDERS, is_alone
from workers.outcomes import Retry

BUDGET_S = 20.0


def turn() -> int:
    """Promise what is due of each round: of each syndic no more an hour than half of what it may send.

    The other half is for the mails that owners wait for. Twice promises nothing twice. Returns the addresses seen.
    """
    begun, total = time.monotonic(), 0
    with transaction():
        rounds = reminders.open_rounds(clock.now())
    for each in rounds:
        seen = 0
        while seen < settings().mail_caps.per_syndic_hour // 2 and time.monotonic() - begun < BUDGET_S:
            count = _step(each)
            seen += count
            if count == 0:
                break
        total += seen
    return total


def _step(wanted: reminders.Round) -> int:
    with transaction() as work:
        if not is_alone(work, REMINDERS):
            return 0
        by_index(work)
        return reminders.plan(wanted)


def remind(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Keep a promise of `association.remind`: `{"syndic_id", "account_id", "deadline", "stage"}`.

    Returns `{"reminded": bool}`: false where the owner has done it meanwhile, or the deadline was moved or has passed.

    Raises:
        Retry: the address, or the syndic, has got enough mail for now.
    """
    syndic_id, account_id = UUID(payload["syndic_id"]), UUID(payload["account_id"])
    deadline = datetime.fromisoformat(payload["deadline"])
    found = reminders.recipient(syndic_id, account_id, deadline)
    if found is None:
        return {"reminded": False}
    address, locale = found
    key = f"{payload['stage']}:{syndic_id}:{int(deadline.timestamp())}:{reminders.name_of(address)}"
    if not post(address, reminders.MAIL, account_id, locale, key, syndic_id=syndic_id):
        raise Retry("enough mail for now")
    return {"reminded": True}
