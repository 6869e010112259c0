"""The registry as operators read it: agreements, circles, denials, and whoever was not told of an admission."""

import uuid
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from config import clock
from config.database import session
from config.mail.models import Mail
from tenants.syndics.models import Syndic
from tenants.trust.explanation import agreement_at, member_at
from tenants.trust.models import Agreement, Circle, Denial, JoinRequest, Member, Telling, Untold
from tenants.trust.telling import MAIL

Entry = dict[str, Any]
LOST = ("refused", "bounced")
"""What becomes of a mail that nobody has read."""


def everything(syndic_id: uuid.UUID | None = None, *, over: bool = False) -> dict[str, list[Entry]]:
    """`{"agreements", "circles", "denials"}` of all syndics or of one, ready for JSON; `over`: what has ended, too."""
    slugs = {row.id: row.slug for row in session().execute(select(Syndic.id, Syndic.slug))}
    now = clock.now()
    return {
        "agreements": _agreements(slugs, now, syndic_id, over=over),
        "circles": _circles(slugs, now, syndic_id, over=over),
        "denials": _denials(slugs, now, syndic_id, over=over),
    }


def untold() -> list[Entry]:
    """Every notice of an admission that reached no mailbox: which circle, whom, when, and why not."""
    rows = session().execute(
        select(Circle.name, Syndic.slug, Telling.told_at, Untold.reason)
        .join(Telling, Telling.id == Untold.telling_id)
        .join(Circle, Circle.id == Telling.circle_id)
        .join(Syndic, Syndic.id == Untold.syndic_id)
    )
    lost = session().execute(
        select(Circle.name, Syndic.slug, Telling.told_at, Mail.state)
        .join(Telling, Telling.id == Mail.subject_id)
        .join(Circle, Circle.id == Telling.circle_id)
        .join(Syndic, Syndic.id == Mail.syndic_id)
        .where(Mail.kind == MAIL, Mail.state.in_(LOST))
    )
    found = sorted((at, circle, slug, why) for circle, slug, at, why in (*rows, *lost))
    return [{"circle": circle, "syndic": slug, "at": at.isoformat(), "why": why} for at, circle, slug, why in found]


def _agreements(slugs: dict[uuid.UUID, str], now: datetime, syndic_id: uuid.UUID | None, *, over: bool) -> list[Entry]:
    wanted = select(Agreement).order_by(Agreement.id)
    if syndic_id is not None:
        wanted = wanted.where(or_(Agreement.proposer_id == syndic_id, Agreement.accepter_id == syndic_id))
    rows = session().scalars(wanted)
    found = [_agreement(row, slugs, now) for row in rows]
    return [entry for entry in found if over or entry["state"] != "ended"]


def _agreement(row: Agreement, slugs: dict[uuid.UUID, str], now: datetime) -> Entry:
    ended = row.valid_until is not None and row.valid_until <= now
    return {
        "id": str(row.id),
        "proposer": slugs[row.proposer_id],
        "accepter": slugs[row.accepter_id],
        "forward": row.forward,
        "backward": row.backward,
        "document": row.document,
        "state": "ended" if ended else agreement_at(row, now),
        "proposed": row.proposed_at.isoformat(),
        "accepted": _when(row.accepted_at),
        "suspended": _when(row.suspended_at),
        "from": row.valid_from.isoformat(),
        "until": _when(row.valid_until),
    }


def _circles(slugs: dict[uuid.UUID, str], now: datetime, syndic_id: uuid.UUID | None, *, over: bool) -> list[Entry]:
    members: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    concerned: set[uuid.UUID] = set()
    for row in session().scalars(select(Member).order_by(Member.valid_from, Member.id)):
        state = member_at(row, now)
        if over or state != "ended":
            entry = {"syndic": slugs[row.syndic_id], "state": state}
            members[row.circle_id].append({**entry, "from": _when(row.valid_from), "until": _when(row.valid_until)})
            concerned.update({row.circle_id} if row.syndic_id == syndic_id else ())
    asking: dict[uuid.UUID, list[str]] = defaultdict(list)
    for request in session().scalars(select(JoinRequest).where(JoinRequest.settled_at.is_(None))):
        asking[request.circle_id].append(slugs[request.syndic_id])
        concerned.update({request.circle_id} if request.syndic_id == syndic_id else ())
    return [
        {
            "name": circle.name,
            "charter": circle.charter,
            "admission": circle.admission,
            "purposes": circle.purposes,
            "members": members[circle.id],
            "asking": sorted(asking[circle.id]),
        }
        for circle in session().scalars(select(Circle).order_by(Circle.name))
        if syndic_id is None or circle.id in concerned
    ]


def _denials(slugs: dict[uuid.UUID, str], now: datetime, syndic_id: uuid.UUID | None, *, over: bool) -> list[Entry]:
    wanted = select(Denial, Circle.name).outerjoin(Circle, Circle.id == Denial.circle_id).order_by(Denial.id)
    if syndic_id is not None:
        wanted = wanted.where(or_(Denial.denier_id == syndic_id, Denial.denied_id == syndic_id))
    return [
        {
            "by": slugs[row.denier_id],
            "against": slugs[row.denied_id],
            "circle": circle,
            "reason": row.reason,
            "since": row.denied_at.isoformat(),
            "lifted": _when(row.lifted_at),
        }
        for row, circle in session().execute(wanted)
        if over or row.lifted_at is None or row.lifted_at > now
    ]


def _when(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
