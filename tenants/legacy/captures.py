"""What a right pair leaves behind: the tombstone, and what the source says of the account.

A remote source's account may be new to us: the first sign-in records it.
"""

import uuid
from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from config import clock, secrets
from config.database import new_id, session
from tenants.legacy import closing
from tenants.legacy.closing import Left
from tenants.legacy.connectors.contract import LegacyProfile
from tenants.legacy.models import LIVING, LegacyAccount

TABLE = LegacyAccount.__table__
NOTHING = LegacyProfile("-", "", None, "")
TOLD = ("holder", "label", "email", "tombstone")


def capture(
    syndic_id: uuid.UUID,
    account: LegacyAccount | None,
    profile: LegacyProfile | None,
    tombstone: str,
    left: Left = closing.NOTHING,
) -> LegacyAccount | None:
    """Keep what a verified sign-in shows; the account, or None where there is no profile. Always one statement.

    An account that is new to us inherits what closed ones under its identifier have `left`.

    Nothing is written where nothing differs, nor over a row whose epoch has risen since `account` was read: what
    is then returned carries the older epoch, with which nothing can be done (DESIGN section 3).
    """
    told = _told(syndic_id, profile or NOTHING, tombstone, left)
    one_row = select(*(literal(value, TABLE.c[name].type) for name, value in told.items()))
    upsert = insert(LegacyAccount).from_select(list(told), one_row.where(literal(profile is not None)))
    changes = {name: upsert.excluded[name] for name in TOLD}
    as_read = LegacyAccount.epoch == (account.epoch if account else 0)
    differs = tuple_(*(TABLE.c[name] for name in TOLD)).is_distinct_from(tuple_(*changes.values()))
    written = session().scalar(
        upsert.on_conflict_do_update(
            index_elements=["syndic_id", "identifier"],
            index_where=LIVING,
            set_=changes,
            where=as_read & differs,
        )
        .returning(LegacyAccount)
        .execution_options(populate_existing=True)
    )
    return (written or account) if profile else None


def _told(syndic_id: uuid.UUID, profile: LegacyProfile, tombstone: str, left: Left) -> dict[str, Any]:
    """A whole row, as it is inserted where the source's account is new to us."""
    return {
        "id": new_id(),
        "syndic_id": syndic_id,
        "public_id": secrets.token(),
        "identifier": profile.identifier,
        "holder": profile.holder,
        "label": profile.label,
        "email": profile.email,
        "state": "active",
        "epoch": 0,
        "sub": secrets.token(),
        "tombstone": tombstone,
        "retired_tombstones": list(left.tombstones),
        "retired_hashes": list(left.hashes),
        "imported_at": clock.now(),
    }
