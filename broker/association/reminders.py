"""Reminders: to owners who have not chosen an address yet, a week and a day before their syndic's deadline.

They go to the addresses that the syndic gave for its accounts, which nobody has proved: one mail an address, which
names the syndic and no owner. Whoever has begun an attempt of late knows, and is left alone: also who was refused.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from broker.association.models import Association, ReminderRound
from broker.identities import emails
from config import clock, outbox, secrets
from config.database import new_id, session
from config.planning import none
from config.settings import settings
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic

TOPIC, MAIL = "association.remind", "association_reminder"
STAGES = {"week": (timedelta(days=7), timedelta(days=2)), "day": (timedelta(days=1), timedelta(0))}
"""By name: so long before the deadline a round begins, and so long before it no more are promised."""
SPREAD = timedelta(hours=4)
"""A round's mails leave over that time, at random: neither our relay nor the agency's telephone gets all at once."""
LEFT_ALONE = timedelta(days=30)
BATCH = 500
_jitter = random.SystemRandom()
_ADDRESS = func.lower(LegacyAccount.email)


@dataclass(frozen=True)
class Reminder:
    """What the mail says: of the syndic and its deadline, and of nobody."""

    syndic_name: str
    slug: str
    contact: dict[str, str]
    ends_at: datetime


@dataclass(frozen=True)
class Round:
    """A syndic's deadline that comes near, and which reminder it is time for."""

    syndic_id: uuid.UUID
    deadline: datetime
    stage: str


def open_rounds(now: datetime) -> list[Round]:
    """The rounds that it is time for."""
    first = max(begins for begins, _ in STAGES.values())
    near = select(Syndic.id, Syndic.association_deadline).where(
        Syndic.status == "active", *_asked(), Syndic.association_deadline.between(now, now + first)
    )
    rows = session().execute(near.order_by(Syndic.association_deadline, Syndic.id)).all()
    return [
        Round(syndic_id, deadline, stage)
        for syndic_id, deadline in rows
        for stage, (begins, ends) in STAGES.items()
        if deadline is not None and deadline - begins <= now < deadline - ends
    ]


def plan(wanted: Round) -> int:
    """Promise the next reminders of a round: one an address. Returns how many addresses were looked at; 0: all were.

    The round remembers how far it came, with the caller's transaction.
    """
    row = _held(wanted)
    if row is None or row.finished_at is not None:
        return 0
    found = _next(wanted, row.after or "")
    outbox.promise_all(TOPIC, dict(_wish(wanted, each.id, each.address) for each in found))
    if found:
        row.after = found[-1].address
    else:
        row.after, row.finished_at = None, clock.now()
    return len(found)


def recipient(syndic_id: uuid.UUID, account_id: uuid.UUID, deadline: datetime) -> tuple[str, str] | None:
    """The canonical address to remind now, and the language; None where it is of no use any more."""
    syndic = syndics.by_id(syndic_id)
    if syndic.association_deadline != deadline or due(account_id) is None:
        return None
    known = emails.parsed(session().get_one(LegacyAccount, account_id).email or "")
    return (known.canonical, syndic.locale) if known else None


def due(account_id: uuid.UUID) -> Reminder | None:
    """What to say to the address of this account, if an account with that address still waits for its owner.

    None: they have done it, or the deadline has passed, or is far off by now.
    """
    account, now = session().get(LegacyAccount, account_id), clock.now()
    if account is None or account.email is None:
        return None
    syndic = syndics.by_id(account.syndic_id)
    deadline = syndic.association_deadline
    if syndic.status != "active" or syndic.association_policy != "required" or deadline is None:
        return None
    if not now < deadline <= now + STAGES["week"][0]:
        return None
    theirs = select(LegacyAccount.id).where(*_waiting(syndic.id), func.lower(account.email) == _ADDRESS)
    if session().scalar(theirs.limit(1)) is None:
        return None
    return Reminder(syndic.name, syndic.slug, dict(syndic.contact), deadline)


def name_of(address: str) -> str:
    """How an address stands in a key: nobody reads it back."""
    return secrets.keyed(settings().keys.name_key, "reminded", address).hex()[:32]


def _asked() -> tuple[ColumnElement[bool], ...]:
    return Syndic.association_policy == "required", Syndic.association_deadline.is_not(None)


def _held(wanted: Round) -> ReminderRound | None:
    """The round's row, made where there is none, and held; None where another process is at it."""
    values = {"syndic_id": wanted.syndic_id, "deadline": wanted.deadline, "stage": wanted.stage}
    session().execute(insert(ReminderRound).values(id=new_id(), **values).on_conflict_do_nothing())
    mine = select(ReminderRound).filter_by(**values)
    return session().scalar(mine.with_for_update(skip_locked=True).execution_options(populate_existing=True))


def _next(wanted: Round, after: str) -> Sequence[Any]:
    first = cast(func.min(cast(LegacyAccount.id, Text)), Uuid)
    rows = select(_ADDRESS.label("address"), first.label("id")).where(*_waiting(wanted.syndic_id), after < _ADDRESS)
    return session().execute(rows.group_by(_ADDRESS).order_by(_ADDRESS).limit(BATCH)).all()


def _waiting(syndic_id: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    """That an account of this syndic waits for its owner; to the letter the condition of the index that finds it."""
    lately = Association.waiting_since > clock.now() - LEFT_ALONE
    not_tried = none(Association.account_id == LegacyAccount.id, lately)
    active = LegacyAccount.state == literal_column("'active'")
    return LegacyAccount.syndic_id == syndic_id, active, LegacyAccount.email.is_not(None), not_tried


def _wish(wanted: Round, account_id: uuid.UUID, address: str) -> tuple[str, outbox.Wish]:
    payload = {
        "syndic_id": str(wanted.syndic_id),
        "account_id": str(account_id),
        "deadline": wanted.deadline.isoformat(),
        "stage": wanted.stage,
    }
    key = f"{TOPIC}:{wanted.stage}:{wanted.syndic_id}:{int(wanted.deadline.timestamp())}:{name_of(address)}"
    due_at = clock.now() + SPREAD * _jitter.random()
    return key, outbox.Wish(payload, due_at)
