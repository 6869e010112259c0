"""Members are told of admissions: one mail an hour at most for a circle, naming all newcomers since the last.

The change promises a telling; a worker makes it, and then a notice for each member. Who could not be written to is
kept, so that somebody tells them otherwise.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from config import clock
from config.database import new_id, session
from config.mail.service import post
from config.outbox import promise, promise_all
from tenants.audit import service as audit
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic
from tenants.trust import registry
from tenants.trust.models import Circle, Member, Telling, Untold

TELL, NOTICE, MAIL = "trust.tell", "trust.notice", "circle_admission"
APART = timedelta(hours=1)
"""An agency's mailbox has a cap of its own, which is also for alerts that matter more."""


@dataclass(frozen=True)
class Told:
    """What the mail says; nothing of any owner. `evidence`: the head of the circle's chain."""

    circle_name: str
    charter: str
    newcomers: str
    evidence: str


def promise_telling(circle_id: uuid.UUID) -> None:
    """Promise that the circle's members are told of whoever is to be told of, within the hour."""
    last = _last(circle_id)
    due = max(clock.now(), last.told_at + APART) if last else clock.now()
    promise(TELL, {"circle_id": str(circle_id)}, f"{TELL}:{circle_id}:{last.id if last else 'first'}", due)


def tell(circle_id: uuid.UUID) -> int:
    """Begin a telling of all admissions that wait, and promise a notice to each member. Returns how many.

    With the registry held: an admission that commits meanwhile is either in this one or promises another.
    """
    registry.hold()
    now = clock.now()
    telling = Telling(id=new_id(), circle_id=circle_id, told_at=now)
    session().add(telling)
    session().flush()
    waiting = update(Member).where(Member.circle_id == circle_id, Member.to_tell)
    session().execute(waiting.values(to_tell=False, telling_id=telling.id).execution_options(synchronize_session=False))
    unended = select(Member.syndic_id).where(
        Member.circle_id == circle_id, Member.valid_until.is_(None) | (Member.valid_until > now)
    )
    readers = {str(reader) for reader in session().scalars(unended)}
    base = {"telling_id": str(telling.id)}
    promise_all(NOTICE, {f"{NOTICE}:{telling.id}:{reader}": {**base, "syndic_id": reader} for reader in readers})
    return len(readers)


def notify(telling_id: uuid.UUID, syndic_id: uuid.UUID) -> bool:
    """Write to one member, at the contact address that it gave. False: it could not be, and is kept as untold."""
    syndic = syndics.by_id(syndic_id)
    if not _newcomers(telling_id, syndic_id):
        return True
    email = syndic.contact.get("email")
    key = f"{telling_id}:{syndic_id}"
    if email and post(email, MAIL, telling_id, syndic.locale, key, syndic_id=syndic_id):
        return True
    reason = "mail_cap" if email else "no_address"
    session().add(Untold(telling_id=telling_id, syndic_id=syndic_id, reason=reason))
    return False


def told(telling_id: uuid.UUID) -> Told | None:
    """What to tell; None where everybody who came has gone again."""
    row = session().get(Telling, telling_id)
    newcomers = _newcomers(telling_id)
    if row is None or not newcomers:
        return None
    circle, head = session().get_one(Circle, row.circle_id), audit.head(row.circle_id)
    return Told(circle.name, circle.charter, ", ".join(newcomers), f"{head.sequence}, {head.hash}")


def _newcomers(telling_id: uuid.UUID, besides: uuid.UUID | None = None) -> list[str]:
    """The names of those that a telling is about and that are still members, or will be."""
    now = clock.now()
    rows = (
        select(Syndic.name)
        .join(Member, Member.syndic_id == Syndic.id)
        .where(Member.telling_id == telling_id, Member.syndic_id != besides)
        .where(Member.valid_until.is_(None) | (Member.valid_until > now))
    )
    return list(session().scalars(rows.distinct().order_by(Syndic.name)))


def _last(circle_id: uuid.UUID) -> Telling | None:
    mine = select(Telling).where(Telling.circle_id == circle_id)
    return session().scalar(mine.order_by(Telling.told_at.desc(), Telling.id.desc()).limit(1))
