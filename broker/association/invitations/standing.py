"""Whether an invitation may still become a link: asked when it is opened, at each step, and at the last under lock."""

import uuid

from sqlalchemy import select

from broker.association.models import Invitation
from broker.identities.models import HOLDER, Link
from config import clock
from config.database import session
from tenants.legacy.models import LegacyAccount


def of_id(invitation_id: uuid.UUID | None) -> Invitation | None:
    """The invitation of that key, if it is still kept."""
    return session().get(Invitation, invitation_id) if invitation_id else None


def stands(invitation: Invitation | None) -> bool:
    """Whether it is open, in time, and its inviter may still let somebody in."""
    if invitation is None or invitation.state != "open" or invitation.expires_at <= clock.now():
        return False
    link = session().get(Link, invitation.inviter_link_id)
    account = session().get(LegacyAccount, invitation.account_id)
    return link is not None and account is not None and may_invite(link, account)


def stands_locked(invitation: Invitation | None) -> bool:
    """The same, with the invitation and its inviter's link held; the caller holds the account, as where links end."""
    if invitation is None:
        return False
    session().refresh(invitation, with_for_update=True)
    link = session().get(Link, invitation.inviter_link_id)
    if link is not None:
        session().refresh(link, with_for_update=True)
    return stands(invitation)


def may_invite(link: Link, account: LegacyAccount) -> bool:
    """Whether whoever holds this link may invite: a holder, whose own access stands, and none of whose guests' is in
    doubt."""
    if link.role != HOLDER or link.state != "active" or account.state == "closed":
        return False
    doubted = select(Link.id).where(Link.invited_by == link.id, Link.state == "suspended")
    return session().scalar(doubted.limit(1)) is None
