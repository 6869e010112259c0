"""Whether the menus of other extranets may show a person's accounts at a syndic: off unless the person says so.

No syndic is told what was chosen: it would learn of accounts elsewhere.
"""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from broker.identities.models import Identity, Link, MenuShare
from config import clock
from config.database import new_id, session


def shown(identity_id: uuid.UUID) -> set[uuid.UUID]:
    """The syndics whose accounts the person shows in other menus."""
    return set(session().scalars(select(MenuShare.syndic_id).where(MenuShare.identity_id == identity_id)))


def show(identity: Identity, syndic_id: uuid.UUID) -> bool:
    """Show the accounts there. False: they were shown before, or there is no active link (any more).

    Against an end of the link at this very moment it is held until this is committed (`releases`).
    """
    standing = select(Link.id).where(
        Link.identity_id == identity.id, Link.syndic_id == syndic_id, Link.state == "active"
    )
    if not session().scalars(standing.order_by(Link.id).with_for_update(read=True)).all():
        return False
    row = {"id": new_id(), "identity_id": identity.id, "syndic_id": syndic_id, "shown_at": clock.now()}
    statement = insert(MenuShare).values(row).on_conflict_do_nothing().returning(MenuShare.id)
    return session().scalar(statement) is not None


def hide(identity: Identity, syndic_id: uuid.UUID) -> bool:
    """Show them no more, from the next question on. False: they were not shown."""
    mine = delete(MenuShare).where(MenuShare.identity_id == identity.id, MenuShare.syndic_id == syndic_id)
    return session().scalar(mine.returning(MenuShare.id)) is not None
