"""Mail is not a weapon (SECURITY R15): one cap per address over all purposes, one per network, one per syndic.

A count is a row, raised by one statement that is committed at once, before the mail is promised: of any number of
requests at the same time, no more get one than the cap says (docs/decisions/0020-caps-on-mail.md).
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from config import clock, secrets
from config.database import statements
from config.settings import settings

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

_TAKE = """
INSERT INTO mail_counts AS kept (name, counted, since) VALUES (%(name)s, 1, %(now)s)
ON CONFLICT (name) DO UPDATE SET
    counted = CASE WHEN kept.since <= %(stale)s THEN 1 ELSE kept.counted + 1 END,
    since = CASE WHEN kept.since <= %(stale)s THEN %(now)s ELSE kept.since END
WHERE kept.since <= %(stale)s OR kept.counted < %(cap)s
RETURNING counted
"""
_GIVE_BACK = "UPDATE mail_counts SET counted = greatest(counted - 1, 0) WHERE name = %s"


@dataclass(frozen=True)
class _Allowance:
    name: bytes
    cap: int
    window: timedelta


def takes(recipient: str, network: str | None, syndic_id: uuid.UUID | None) -> bool:
    """Count one mail to this canonical address. False: a cap is reached, and nothing has been counted.

    `network` is given where whoever asks has not proved that the mailbox is theirs; such mails stop at half of what
    an address may get, so that nobody can use up what is kept for telling its owner what happened.
    """
    taken: list[_Allowance] = []
    for allowance in _allowances(recipient, network, syndic_id):
        if not _take(allowance):
            for each in taken:
                _give_back(each)
            return False
        taken.append(allowance)
    return True


def _allowances(recipient: str, network: str | None, syndic_id: uuid.UUID | None) -> list[_Allowance]:
    caps = settings().mail_caps
    of_address = caps.asked_per_address_day if network else caps.per_address_day
    found = [_Allowance(_name("address", recipient), of_address, DAY)]
    if network:
        found.append(_Allowance(_name("network", network), caps.per_network_hour, HOUR))
    if syndic_id:
        found.append(_Allowance(_name("syndic", str(syndic_id)), caps.per_syndic_hour, HOUR))
    return found


def _name(*parts: str) -> bytes:
    return secrets.keyed(settings().keys.name_key, "mail", *parts)


def _take(allowance: _Allowance) -> bool:
    now = clock.now()
    values = {"name": allowance.name, "cap": allowance.cap, "now": now, "stale": now - allowance.window}
    with statements() as sql:
        return sql.execute(_TAKE, values).fetchone() is not None


def _give_back(allowance: _Allowance) -> None:
    with statements() as sql:
        sql.execute(_GIVE_BACK, (allowance.name,))
