"""The end of an account: sold, inherited, or its number given to somebody else (DESIGN section 3).

A closed account is nobody's way in, and never comes back: whoever bears its identifier next has a new account. What
is left of it is what tells its former secrets, so that none of them opens the successor's (SECURITY R6, I6).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.legacy import second_codes
from tenants.legacy.lifecycle import bury_hash, lock, promise_disablement
from tenants.legacy.models import CLOSED_BECAUSE, LegacyAccount, LegacySource
from tenants.legacy.refusals import IllegalTransition


@dataclass(frozen=True)
class Left:
    """What closed accounts under one identifier have left: by it their secrets are known again."""

    tombstones: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


NOTHING = Left()


def close(account: LegacyAccount, because: str) -> None:
    """End an account: whatever rests on it dies (the epoch rises), and so do its codes, for good.

    A remote source is asked to disable its secret, but where the number is somebody else's now: it is theirs, then.
    Links and attempts are `broker.association.closing`'s.

    Raises:
        IllegalTransition: it is closed already, or that is no reason.
    """
    if because not in CLOSED_BECAUSE:
        raise IllegalTransition(f"{because!r} is no reason: {' or '.join(CLOSED_BECAUSE)}")
    lock(account, "active", "pending", "linked", "disable_requested", "disabled")
    was = account.state
    account.epoch += 1
    account.state, account.closed_at, account.closed_because = "closed", clock.now(), because
    account.reissue_key = None
    _bury(account)
    if because == "reused" or not _is_remote(account.syndic_id):
        account.disable_key = None
    elif was not in ("disable_requested", "disabled"):
        promise_disablement(account)
    second_codes.revoke_all(account, "closed")
    body = {"account": account.public_id, "because": because, "was": was}
    audit.append(account.syndic_id, "account.closed", body, {"identifier": account.identifier})


def waits_for_disablement(account: LegacyAccount, key: str) -> bool:
    """Whether a promised disablement is still wanted, by its key. Not where the number has a new holder."""
    if account.state != "closed":
        return account.state == "disable_requested"
    if account.disable_key != key or account.receipt is not None:
        return False
    heir = aliased(LegacyAccount)
    living = (heir.syndic_id == account.syndic_id, heir.identifier == account.identifier, heir.state != "closed")
    return not session().scalar(select(exists().where(*living)))


def left_under(syndic_id: uuid.UUID, identifier: str) -> Left:
    """What a closed account under this canonical identifier has left: one statement for any name."""
    return left_by(syndic_id, [identifier]).get(identifier, NOTHING)


def left_by(syndic_id: uuid.UUID, identifiers: Collection[str] | None = None) -> dict[str, Left]:
    """The same for several identifiers, or (None) all of a syndic's. Each account has inherited from those before."""
    wanted = (
        select(LegacyAccount.identifier, LegacyAccount.retired_tombstones, LegacyAccount.retired_hashes)
        .where(LegacyAccount.syndic_id == syndic_id, LegacyAccount.state == "closed")
        .order_by(LegacyAccount.closed_at)
    )
    if identifiers is not None:
        wanted = wanted.where(LegacyAccount.identifier.in_(identifiers))
    return {row[0]: Left(tuple(row[1]), tuple(row[2])) for row in session().execute(wanted)}


def _bury(account: LegacyAccount) -> None:
    bury_hash(account)
    if account.tombstone is not None:
        account.retired_tombstones = [*account.retired_tombstones, account.tombstone]
    account.tombstone = None


def _is_remote(syndic_id: uuid.UUID) -> bool:
    return session().scalar(select(LegacySource.kind).where(LegacySource.syndic_id == syndic_id)) != "imported"
