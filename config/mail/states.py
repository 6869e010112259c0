"""What may become of a mail: one table, and the one statement that moves a record along it."""

import uuid

from sqlalchemy import update

from config import clock, telemetry
from config.database import session
from config.mail.models import STATES, Mail

LEGAL: dict[str, frozenset[str]] = {
    "queued": frozenset({"accepted", "deferred", "refused", "bounced", "lapsed"}),
    "deferred": frozenset({"accepted", "deferred", "refused", "bounced", "lapsed"}),
    "accepted": frozenset({"accepted", "bounced"}),
    "lapsed": frozenset({"bounced"}),
    "refused": frozenset(),
    "bounced": frozenset(),
}
"""From each state to those that may follow it.

`accepted`: a server has taken it. `deferred`: not yet, it is tried again. `refused`: a server wants it never.
`lapsed`: not sent, because it was of no use any more. `bounced`: taken, and returned later. Whatever may have left may
bounce: the answer to a mail may be lost, and the notice be faster than our own record of it.
"""
OPEN = frozenset(state for state, after in LEGAL.items() if "deferred" in after)
"""States of mails that are still to be sent."""


def move(mail_id: uuid.UUID, to: str, reply: str | None) -> bool:
    """Move a mail's record, in the caller's transaction. False: that may not follow its state, and nothing changed."""
    before = [state for state in STATES if to in LEGAL[state]]
    moved = session().scalar(
        update(Mail)
        .where(Mail.id == mail_id, Mail.state.in_(before))
        .values(state=to, reply=reply, updated_at=clock.now())
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        telemetry.mail(to)
    return moved is not None


def arrived(subject_id: uuid.UUID) -> None:
    """What one of these mails carried has come back: it arrived, whatever was answered, and no other is needed."""
    session().execute(
        update(Mail)
        .where(Mail.subject_id == subject_id, Mail.state.in_(OPEN))
        .values(state="accepted", reply="what it carried came back", updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
