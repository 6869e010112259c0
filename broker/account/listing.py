"""« Mes comptes »: every account of a person, grouped by syndic."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from broker.account import opening
from broker.account.holders import listing as holders
from broker.association.confirmation import masked_identifier
from broker.identities import service as identities
from broker.identities.models import CO_HOLDER, Identity
from broker.sessions.models import LoginSession
from config.database import session
from tenants.syndics.models import Syndic


@dataclass(frozen=True)
class Entry:
    """One account, as its owner sees it."""

    name: str
    identifier: str
    default: bool
    current: bool
    handle: str | None
    """By which it is opened in this login session; None where its extranet cannot be."""
    retirement: str | None
    """`coming` or `done`: what becomes of the former identifiers."""
    suspended: bool = False
    """Somebody said « Ce n'est pas moi »: nothing opens it before the agency has looked at it."""
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


def groups(
    found: LoginSession, identity: Identity, base_url: str, issuer: str | None, account_id: str | None
) -> list[Group]:
    """The person's accounts by syndic, in three statements however many there are.

    `issuer` and `account_id` name the account that is open in the extranet from which the person comes.
    """
    rows = identities.links_of(identity.id)
    wanted = {link.syndic_id for link, _ in rows}
    syndics = {row.id: row for row in session().scalars(select(Syndic).where(Syndic.id.in_(wanted)))}
    doors = opening.doors(wanted)
    made: dict[uuid.UUID, Group] = {}
    for link, account in rows:
        syndic = syndics[link.syndic_id]
        group = made.setdefault(syndic.id, Group(syndic.name, syndic.slug, syndic.colour, syndic.logo is not None, []))
        own_issuer = f"{base_url}/t/{syndic.slug}"
        opens = link.state == "active" and syndic.id in doors
        group.entries.append(
            Entry(
                name=link.label or account.label or masked_identifier(account.identifier),
                identifier=masked_identifier(account.identifier),
                default=link.id == identity.default_link_id,
                current=own_issuer == issuer and account.public_id == account_id,
                handle=opening.handle(found, link) if opens else None,
                suspended=link.state == "suspended",
                co_holder=link.role == CO_HOLDER,
                holders=holders.handle(link),
                retirement={"disable_requested": "coming", "disabled": "done"}.get(account.state),
            )
        )
    return list(made.values())
