"""« Mes comptes »: every account of a person, grouped by syndic."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import exists, select

from broker.account import opening
from broker.account.holders import listing as holders
from broker.account.searching import Wanted
from broker.association.confirmation import masked_identifier
from broker.identities.models import CO_HOLDER, Identity, Link
from broker.sessions.models import LoginSession
from config.database import session
from config.settings import settings
from tenants.clients.models import Client
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tenants.trust import service as trust

SEARCHED_FROM = 9
"""Accounts, from which on there is a field to find one."""


@dataclass(frozen=True)
class Entry:
    """One account, as its owner sees it."""

    name: str
    identifier: str
    default: bool
    """It is the one that opens at a sign-in."""
    current: bool
    handle: str | None
    """By which it is opened in this login session; None where its extranet cannot be."""
    retirement: str | None
    """`coming` or `done`: what becomes of the former identifiers."""
    suspended: bool = False
    """Somebody said « Ce n'est pas moi »: nothing opens it before the agency has looked at it."""
    managed: str = ""
    """By which it is named, chosen and detached in this login session."""
    words: str = ""
    """What a search finds it by."""
    co_holder: bool = False
    """Whether this person was invited to it."""
    holders: str | None = None
    """The handle of the page of its holders."""


@dataclass(frozen=True)
class Group:
    """One syndic with a person's accounts there."""

    name: str
    slug: str
    colour: str
    has_logo: bool
    entries: list[Entry]
    apart: list[str] = field(default_factory=list)
    """Names of the person's other syndics that are no partners of this one any more."""
    asks_again: list[str] = field(default_factory=list)
    """Names of those that are, and where the password must be typed again all the same."""


@dataclass(frozen=True)
class Accounts:
    """What « Mes comptes » shows: all accounts, or those that were searched."""

    groups: list[Group]
    total: int
    wanted: str = ""

    @property
    def found(self) -> int:
        """How many are shown."""
        return sum(len(group.entries) for group in self.groups)

    @property
    def searchable(self) -> bool:
        """Whether there are so many that one searches."""
        return self.total >= SEARCHED_FROM


@dataclass(frozen=True)
class Open:
    """The account that is open in the extranet from which the person comes: its issuer, and the account's `id`."""

    issuer: str | None = None
    account: str | None = None

    @property
    def kept(self) -> dict[str, str]:
        """What of it stands in the address of « Mes comptes »."""
        given = {"iss": self.issuer, "account": self.account}
        return {name: value for name, value in given.items() if value}


class Held(NamedTuple):
    """One link with its account and its syndic. `opens`: whether the syndic's extranet can be opened from outside."""

    link: Link
    account: LegacyAccount
    syndic_id: uuid.UUID
    slug: str
    name: str
    colour: str
    has_logo: bool
    opens: bool


def accounts(found: LoginSession, identity: Identity, here: Open, typed: str = "") -> Accounts:
    """The person's accounts by syndic, in two statements however many there are.

    `typed` finds some of them, where there are so many that one searches.
    """
    rows = _rows(identity.id)
    wanted = Wanted.read(typed if len(rows) >= SEARCHED_FROM else "")
    default = opening.default_among([row.link for row in rows], identity)
    apart = _apart(rows)
    made: dict[uuid.UUID, Group] = {}
    for row in rows:
        if wanted.finds(_words(row), row.account.identifier):
            group = made.setdefault(row.syndic_id, _group(row, apart.get(row.syndic_id, {})))
            group.entries.append(_entry(found, row, default, here))
    return Accounts(list(made.values()), len(rows), wanted.typed)


def named(link: Link, account: LegacyAccount) -> str:
    """The person's own name for an account, else its syndic's, else the end of its identifier."""
    return link.label or account.label or masked_identifier(account.identifier)


def _rows(identity_id: uuid.UUID) -> list[Held]:
    """Every link that has not ended, the oldest first."""
    door = exists().where(
        Client.syndic_id == Syndic.id, Client.status == "active", Client.initiate_login_uri.is_not(None)
    )
    of_syndic = (Syndic.id, Syndic.slug, Syndic.name, Syndic.colour, Syndic.logo.is_not(None))
    rows = session().execute(
        select(Link, LegacyAccount, *of_syndic, door & (Syndic.status == "active"))
        .join(LegacyAccount, LegacyAccount.id == Link.account_id)
        .join(Syndic, Syndic.id == Link.syndic_id)
        .where(Link.identity_id == identity_id, Link.state != "ended")
        .order_by(Link.created_at, Link.id)
    )
    return [Held(*row) for row in rows]


def _group(row: Held, apart: dict[str, list[str]]) -> Group:
    return Group(row.name, row.slug, row.colour, row.has_logo, [], **apart)


def _entry(found: LoginSession, row: Held, default: Link | None, here: Open) -> Entry:
    link, account = row.link, row.account
    own_issuer = f"{settings().base_url}/t/{row.slug}"
    opens = link.state == "active" and row.opens and account.state != "closed"
    return Entry(
        name=named(link, account),
        identifier=masked_identifier(account.identifier),
        default=link is default,
        current=own_issuer == here.issuer and account.public_id == here.account,
        handle=opening.handle(found, link) if opens else None,
        suspended=link.state == "suspended",
        retirement={"disable_requested": "coming", "disabled": "done"}.get(account.state),
        managed=opening.managed(found, link),
        co_holder=link.role == CO_HOLDER,
        holders=holders.handle(link),
        words=_words(row),
    )


def _words(row: Held) -> str:
    shown = masked_identifier(row.account.identifier)
    return Wanted.folded(f"{named(row.link, row.account)} {shown} {row.name}")


def _apart(rows: Iterable[Held]) -> dict[uuid.UUID, dict[str, list[str]]]:
    """By syndic, the names of the person's others from which it is apart: the owner is told, nobody else is."""
    names = {row.syndic_id: row.name for row in rows if row.link.state == "active"}
    between = trust.apart(names)
    told = {}
    for one in names:
        ended = [other for other in names if (one, other) in between.link]
        again = [other for other in names if {(one, other), (other, one)} & between.switch and other not in ended]
        told[one] = {"apart": _some(names, ended), "asks_again": _some(names, again)}
    return told


def _some(names: dict[uuid.UUID, str], wanted: Collection[uuid.UUID]) -> list[str]:
    return sorted(names[each] for each in wanted)
