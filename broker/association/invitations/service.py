"""Inviting a co-holder, and taking the invitation back: what the inviter does (JOURNEYS C8)."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from broker.association import service as attempts
from broker.association.invitations.standing import may_invite, stands
from broker.association.models import Association, Invitation
from broker.association.refusals import AlreadyInvited, MayNotInvite, TooManyInvitations, TooManyMails
from broker.identities import journal
from broker.identities.emails import Address
from broker.identities.models import Identity, Link
from broker.web.network import Caller
from config import clock, secrets
from config.database import new_id, session
from config.errors import NotFound
from config.mail.service import post
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount

LIFE = timedelta(days=7)
OPEN_AN_ACCOUNT = 5
A_DAY = 10
CODE_DIGITS = 8
MAIL = "co_holder_invited"


@dataclass(frozen=True)
class Guest:
    """Whom to invite: the address, and the name that the inviter's own list shows."""

    name: str
    address: Address


@dataclass(frozen=True)
class MintedInvitation:
    """What one mail carries: the only copy of its link's token."""

    token: str
    locale: str
    expires_at: datetime


def invite(inviter: Identity, link: Link, guest: Guest, locale: str, caller: Caller) -> Invitation:
    """Invite a person to hold this account too: a mail to them, and a code that the inviter tells them.

    Whether anybody has that address is not looked at (SECURITY R10).

    Raises:
        MayNotInvite: a co-holder, or an access that does not stand, or a guest's that is in doubt.
        TooManyInvitations: five are open for this account, or this person sent ten within a day.
        AlreadyInvited: this person has an open invitation to that address.
        TooManyMails: the address has got enough mail today.
    """
    account = _held(inviter, link)
    _refuse_too_many(inviter, account)
    _refuse_twice(link, guest.address)
    invitation = _made(inviter, link, guest, locale)
    sent = post(
        invitation.email, MAIL, invitation.id, locale, str(invitation.id),
        asked_from=caller.network, syndic_id=account.syndic_id,
    )  # fmt: skip
    if not sent:
        raise TooManyMails(f"invitation of {account.id}: the address has got enough mail")
    journal.tell("co-holder.invited", inviter, caller, account.syndic_id)
    _record("invitation.made", invitation, link, account)
    return invitation


def withdraw(invitation: Invitation, link: Link) -> None:
    """Take it back: neither its mail nor its code is worth anything any more, nor what somebody began with them."""
    session().refresh(invitation, with_for_update=True)
    if invitation.state != "open":
        return
    _end(invitation, "withdrawn")
    _record("invitation.withdrawn", invitation, link, legacy.get(link.syndic_id, link.account_id))


def give_up(invitation: Invitation) -> None:
    """Five wrong codes: whoever types them is not whom the inviter has told."""
    session().refresh(invitation, with_for_update=True)
    if invitation.state == "open":
        _end(invitation, "tries")


def end_those_of(links: list[Link], because: str) -> None:
    """End the open invitations of these links, whoever opened them meanwhile."""
    _end_where(because, Invitation.inviter_link_id.in_([link.id for link in links]))


def end_those_for(account: LegacyAccount, because: str) -> None:
    """End all open invitations to an account."""
    _end_where(because, Invitation.account_id == account.id)


def spoken_code(invitation: Invitation) -> str:
    """The code that the inviter tells the invited person."""
    return settings().keys.decrypt(invitation.code, _context(invitation.id)).decode()


def is_right(invitation: Invitation, code: str) -> bool:
    """Whether it is that code."""
    return secrets.same(spoken_code(invitation), code)


def of_link(link: Link) -> list[Invitation]:
    """What this link's holder has sent, the newest first."""
    return list(
        session().scalars(
            select(Invitation).where(Invitation.inviter_link_id == link.id).order_by(Invitation.id.desc())
        )
    )


def mint(invitation_id: uuid.UUID) -> MintedInvitation | None:
    """Make the link of a mail about to be sent, the same for every copy; None where the invitation stands no more."""
    invitation = session().get(Invitation, invitation_id)
    if invitation is None or not stands(invitation):
        return None
    token, _ = settings().keys.mailed("invitation", invitation.id, 0)
    invitation.token_digest = secrets.digest(token)
    return MintedInvitation(token, invitation.locale, invitation.expires_at)


def _held(inviter: Identity, link: Link) -> LegacyAccount:
    """The account, held before its link as everywhere, so that invitations are counted one after the other."""
    account = legacy.get(link.syndic_id, link.account_id)
    session().refresh(account, with_for_update=True)
    session().refresh(link, with_for_update=True)
    _one_at_a_time(inviter)
    if link.identity_id != inviter.id:
        raise NotFound("another person's link")
    if not may_invite(link, account):
        raise MayNotInvite(f"link {link.id} is a {link.role}'s and {link.state}")
    return account


def _one_at_a_time(inviter: Identity) -> None:
    """A person's invitations to several accounts are counted one after the other.

    Not by the person's row: whoever closes an identity holds that before its accounts, and they would wait in a ring.
    """
    key = int.from_bytes(hashlib.sha256(b"invitations" + inviter.id.bytes).digest()[:8], signed=True)
    session().execute(select(func.pg_advisory_xact_lock(key)))


def _refuse_too_many(inviter: Identity, account: LegacyAccount) -> None:
    now = clock.now()
    opened = (Invitation.account_id == account.id, Invitation.state == "open", Invitation.expires_at > now)
    if (session().scalar(select(func.count()).where(*opened)) or 0) >= OPEN_AN_ACCOUNT:
        raise TooManyInvitations(f"account {account.id} has {OPEN_AN_ACCOUNT} open ones")
    today = (Invitation.identity_id == inviter.id, Invitation.created_at > now - timedelta(days=1))
    if (session().scalar(select(func.count()).where(*today)) or 0) >= A_DAY:
        raise TooManyInvitations(f"identity {inviter.id} has sent {A_DAY} within a day")


def _refuse_twice(link: Link, address: Address) -> None:
    """One that has run out makes way for a new one."""
    same = (Invitation.inviter_link_id == link.id, Invitation.email == address.canonical, Invitation.state == "open")
    former = session().scalar(select(Invitation).where(*same))
    if former is None:
        return
    if former.expires_at > clock.now():
        raise AlreadyInvited(f"invitation {former.id}")
    _end(former, "expired")
    session().flush()


def _made(inviter: Identity, link: Link, guest: Guest, locale: str) -> Invitation:
    now, key = clock.now(), new_id()
    row = Invitation(
        id=key,
        syndic_id=link.syndic_id,
        account_id=link.account_id,
        identity_id=inviter.id,
        inviter_link_id=link.id,
        name=guest.name,
        email=guest.address.canonical,
        email_typed=guest.address.typed,
        locale=locale,
        code=settings().keys.encrypt(secrets.digits(CODE_DIGITS).encode(), _context(key)),
        state="open",
        created_at=now,
        expires_at=now + LIFE,
    )
    session().add(row)
    session().flush()
    return row


def _end_where(because: str, condition: ColumnElement[bool]) -> None:
    opened = select(Invitation).where(Invitation.state == "open", condition)
    for invitation in session().scalars(opened.order_by(Invitation.id).with_for_update()).all():
        _end(invitation, because)


def _end(invitation: Invitation, because: str) -> None:
    invitation.state, invitation.ended_because = "ended", because
    begun = select(Association).where(
        Association.invitation_id == invitation.id, Association.state.in_(attempts.LIVING)
    )
    for attempt in session().scalars(begun).all():
        attempts.end(attempt, because)


def _record(kind: str, invitation: Invitation, link: Link, account: LegacyAccount) -> None:
    """The evidence that a holder let somebody in, in the inviter's own proof file; of the guest a salted hash."""
    body: dict[str, Json] = {"association": str(link.association_id), "account": account.public_id}
    personal = {"email": invitation.email, "identifier": account.identifier}
    audit.append(link.syndic_id, kind, body, personal, subject=link.association_id)


def _context(key: uuid.UUID) -> str:
    return f"invitation:{key}"
