"""Accounts that came back: disabled here, and let in again by their source (an export restored, a password set again).

Each is disabled anew, with evidence. Where somebody at the syndic opens it again and again, the fight ends after a few
times: operators see it, and only they go on.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select

from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.legacy.lifecycle import lock, request_disable
from tenants.legacy.models import LIVING, LegacyAccount, LegacySource
from tenants.syndics.models import Syndic

EVERY = timedelta(days=1)
"""How often a source is asked of each account that it has disabled."""
MOST_FIGHTS = 3
"""So often one secret is disabled anew by itself."""


@dataclass(frozen=True)
class Returned:
    """An account that its source has let in again. `fought`: it is disabled anew by itself."""

    slug: str
    identifier: str
    state: str
    returned_at: datetime
    returns: int
    fought: bool


def syndics_to_ask(limit: int) -> Sequence[uuid.UUID]:
    """Syndics with a source that can say, and disabled accounts that it was not asked of for a day."""
    due = exists().where(LegacyAccount.syndic_id == LegacySource.syndic_id, _is_due())
    active = exists().where(Syndic.id == LegacySource.syndic_id, Syndic.status == "active")
    wanted = select(LegacySource.syndic_id).where(LegacySource.kind != "imported", active, due)
    return session().scalars(wanted.order_by(LegacySource.syndic_id).limit(limit)).all()


def to_ask(syndic_id: uuid.UUID, limit: int) -> list[tuple[uuid.UUID, str]]:
    """Keys and identifiers of accounts of a syndic to ask its source of, those first that waited longest."""
    wanted = select(LegacyAccount.id, LegacyAccount.identifier).where(LegacyAccount.syndic_id == syndic_id, _is_due())
    rows = session().execute(wanted.order_by(LegacyAccount.probed_at.nulls_first()).limit(limit))
    return [(account_id, identifier) for account_id, identifier in rows]


def note(account: LegacyAccount, said: str) -> bool:
    """What the source says of an account that we have as disabled. True where it came back.

    Within bounds it is then asked to disable it again: as with every disablement, by a promise, until it has said so.
    """
    session().refresh(account, with_for_update=True)
    if account.state != "disabled" or account.reissue_key is not None:
        return False  # it has changed since the source was asked
    account.probed_at = clock.now()
    if said != "active":
        return False
    account.returned_at = clock.now()
    account.returns += 1
    _judge(account)
    return True


def fight_on(account: LegacyAccount) -> None:
    """An operator has talked with the syndic: the account is disabled again, and by itself as often as before.

    Raises:
        IllegalTransition: it is not disabled.
    """
    lock(account, "disabled")
    account.returns += 1  # a key of its own: the source has kept the word that it gave for the one before
    _ask_again(account, "operator")


def listed(slug: str | None = None) -> list[Returned]:
    """The living accounts that came back, the newest first."""
    wanted = (
        select(LegacyAccount, Syndic.slug)
        .join(Syndic, Syndic.id == LegacyAccount.syndic_id)
        .where(LegacyAccount.returned_at.is_not(None), LIVING)
        .order_by(LegacyAccount.returned_at.desc())
    )
    rows = session().execute(wanted.where(Syndic.slug == slug) if slug else wanted)
    return [_told(account, of) for account, of in rows]


def _told(account: LegacyAccount, slug: str) -> Returned:
    at = account.returned_at or clock.now()
    fought = account.state != "disabled" or account.returns < MOST_FIGHTS
    return Returned(slug, account.identifier, account.state, at, account.returns, fought)


def _judge(account: LegacyAccount) -> None:
    if account.returns <= MOST_FIGHTS:
        _ask_again(account, "probe")
    elif account.returns == MOST_FIGHTS + 1:
        _record(account, "given-up")


def _ask_again(account: LegacyAccount, by: str) -> None:
    request_disable(account)
    _record(account, by)


def _record(account: LegacyAccount, by: str) -> None:
    body: dict[str, Json] = {"account": account.public_id, "times": account.returns, "by": by}
    audit.append(account.syndic_id, "legacy.returned", body, {"identifier": account.identifier})


def _is_due() -> ColumnElement[bool]:
    before = clock.now() - EVERY
    asked = or_(LegacyAccount.probed_at.is_(None), LegacyAccount.probed_at <= before)
    return (LegacyAccount.state == "disabled") & LegacyAccount.reissue_key.is_(None) & asked
