"""What a person sees of one account's holders: how many there are, and whom they invited themselves.

Of anybody else neither a name nor an address: of their own guests the name that they typed.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from broker.account import handles
from broker.association.confirmation import masked_identifier
from broker.association.invitations import service as invitations
from broker.association.invitations.standing import may_invite
from broker.association.models import Invitation
from broker.identities import service as identities
from broker.identities.models import CO_HOLDER, Identity, Link
from config import clock
from config.database import session
from config.errors import NotFound
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics

SHOWN = ("tries", "refused", "expired")
"""Why an invitation that came to nothing is still listed: whoever sent it wonders."""


@dataclass(frozen=True)
class Guest:
    """A co-holder whom this person invited."""

    name: str
    since: datetime
    suspended: bool
    handle: str


@dataclass(frozen=True)
class Sent:
    """An invitation that has not become a link: `state` is `open`, `expired`, `tries` or `refused`."""

    name: str
    email: str
    state: str
    until: datetime
    handle: str


@dataclass(frozen=True)
class Holders:
    """One account's page."""

    account: str
    identifier: str
    syndic: str
    handle: str
    persons: int
    co_holder: bool
    may_invite: bool
    guests: list[Guest]
    sent: list[Sent]


def handle(link: Link) -> str:
    """The account's name in the addresses of these pages."""
    return handles.handle("holders", link.id.bytes)


def handle_of(each: Invitation) -> str:
    """The invitation's name in the same."""
    return handles.handle("invitation", each.id.bytes)


def found(person: Identity, wanted: str) -> tuple[Link, LegacyAccount]:
    """The person's own link and account of a handle.

    Raises:
        NotFound: none of this person's.
    """
    rows = identities.links_of(person.id)
    one = handles.found(wanted, [(handle(link), (link, account)) for link, account in rows])
    if one is None:
        raise NotFound("no account of this person's")
    return one


def invitation(link: Link, wanted: str) -> Invitation:
    """An invitation that this link's holder has sent.

    Raises:
        NotFound: another person's, or none.
    """
    one = handles.found(wanted, [(handle_of(each), each) for each in invitations.of_link(link)])
    if one is None:
        raise NotFound("no invitation of this person's")
    return one


def guest(link: Link, wanted: str) -> tuple[Link, str]:
    """A co-holder whom this link's holder invited, with the name that the holder typed.

    Raises:
        NotFound: another person's, or none.
    """
    one = handles.found(wanted, [(handle(each), each) for each in identities.invited_through(link.id)])
    if one is None:
        raise NotFound("no guest of this person's")
    return one, _names(invitations.of_link(link)).get(one.id, "")


def page_of(link: Link, account: LegacyAccount) -> Holders:
    """Everything that the page shows."""
    sent = invitations.of_link(link)
    names = _names(sent)
    return Holders(
        account=link.label or account.label or masked_identifier(account.identifier),
        identifier=masked_identifier(account.identifier),
        syndic=syndics.by_id(link.syndic_id).name,
        handle=handle(link),
        persons=persons([account.id]).get(account.id, 0),
        co_holder=link.role == CO_HOLDER,
        may_invite=may_invite(link, account),
        guests=[_guest(each, names.get(each.id, "")) for each in identities.invited_through(link.id)],
        sent=[_sent(each) for each in sent if each.state == "open" or each.ended_because in SHOWN],
    )


def persons(accounts: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many persons hold each of these accounts, in one statement."""
    counted = select(Link.account_id, func.count().label("persons")).where(
        Link.account_id.in_(accounts), Link.state == "active"
    )
    return {row.account_id: row.persons for row in session().execute(counted.group_by(Link.account_id))}


def _names(sent: list[Invitation]) -> dict[uuid.UUID, str]:
    return {each.link_id: each.name for each in sent if each.link_id}


def _guest(link: Link, name: str) -> Guest:
    return Guest(name, link.created_at, link.state == "suspended", handle(link))


def _sent(each: Invitation) -> Sent:
    lapsed = each.state == "open" and each.expires_at <= clock.now()
    state = "expired" if lapsed else each.ended_because or each.state
    return Sent(each.name, each.email_typed, state, each.expires_at, handle_of(each))
