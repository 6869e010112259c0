"""The end of an account, seen from whoever holds it: its links, attempts and invitations end with it."""

import uuid

from sqlalchemy import select

from broker.association import endings
from broker.association.confirmation import masked_identifier
from broker.association.endings import Ended
from broker.association.invitations import service as invitations
from broker.association.models import Association
from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from config.database import session
from tenants.legacy import closing
from tenants.legacy.models import LegacyAccount
from tenants.legacy.refusals import IllegalTransition


def close(account: LegacyAccount, because: str) -> int:
    """Close an account and end everything that leads to it, in the caller's transaction. Returns the links ended.

    Each holder is told, calmly; their other accounts go on. Locks are taken as everywhere: people, account, links.

    Raises:
        IllegalTransition: it is closed already, or somebody was associated with it at this very moment.
    """
    holders = _locked_holders(account)
    closing.close(account, because)
    if {holder.id for holder in holders} != _held_by(account):  # from here on nobody else comes
        raise IllegalTransition("somebody was associated with the account at this very moment: try again")
    invitations.end_those_for(account, "closed")
    _end_attempts(account)
    ended = [each for holder in holders for each in _ended(holder, account)]
    endings.record(ended)
    return len(ended)


def _locked_holders(account: LegacyAccount) -> list[Identity]:
    """Whose link has not ended, each locked, in one order for all."""
    wanted = select(Identity).where(Identity.id.in_(_held_by(account))).order_by(Identity.id)
    holders = list(session().scalars(wanted))
    for holder in holders:
        identities.lock(holder)
    return holders


def _held_by(account: LegacyAccount) -> set[uuid.UUID]:
    held = select(Link.identity_id).where(Link.account_id == account.id, Link.state != "ended")
    return set(session().scalars(held))


def _ended(holder: Identity, account: LegacyAccount) -> list[Ended]:
    wanted = select(Link).where(Link.identity_id == holder.id, Link.account_id == account.id, Link.state != "ended")
    ended = endings.end(holder, session().scalars(wanted).all(), "closed")
    if ended:
        journal.tell("account.closed", holder, None, account.syndic_id, account=masked_identifier(account.identifier))
    return ended


def _end_attempts(account: LegacyAccount) -> None:
    under_way = select(Association).where(
        Association.account_id == account.id, Association.state.in_(("draft", "waiting"))
    )
    for attempt in session().scalars(under_way):
        attempt.state, attempt.ended_because = "ended", "closed"
