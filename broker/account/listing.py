"""« Mes comptes »: every account of a person, grouped by syndic."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from broker.association.confirmation import masked_identifier
from broker.identities import service as identities
from broker.identities.models import Identity
from config.database import session
from tenants.clients.models import Client
from tenants.syndics.models import Syndic


@dataclass(frozen=True)
class Entry:
    """One account, as its owner sees it."""

    name: str
    identifier: str
    default: bool
    current: bool
    address: str | None
    """Where its extranet begins a sign-in for this account (OIDC Core §4)."""
    retirement: str | None
    """`coming` or `done`: what becomes of the former identifiers."""
    suspended: bool = False
    """Somebody said « Ce n'est pas moi »: nothing opens it before the agency has looked at it."""


@dataclass(frozen=True)
class Group:
    """One syndic with a person's accounts there."""

    name: str
    slug: str
    colour: str
    has_logo: bool
    entries: list[Entry]


def groups(identity: Identity, base_url: str, issuer: str | None, account_id: str | None) -> list[Group]:
    """The person's accounts by syndic, in three statements however many there are.

    `issuer` and `account_id` name the account that is open in the extranet from which the person comes.
    """
    rows = identities.links_of(identity.id)
    wanted = {link.syndic_id for link, _ in rows}
    syndics = {row.id: row for row in session().scalars(select(Syndic).where(Syndic.id.in_(wanted)))}
    doors = _doors(wanted)
    made: dict[uuid.UUID, Group] = {}
    for link, account in rows:
        syndic = syndics[link.syndic_id]
        group = made.setdefault(syndic.id, Group(syndic.name, syndic.slug, syndic.colour, syndic.logo is not None, []))
        own_issuer = f"{base_url}/t/{syndic.slug}"
        door = doors.get(syndic.id)
        group.entries.append(
            Entry(
                name=link.label or account.label or masked_identifier(account.identifier),
                identifier=masked_identifier(account.identifier),
                default=link.id == identity.default_link_id,
                current=own_issuer == issuer and account.public_id == account_id,
                address=f"{door}?iss={own_issuer}&login_hint=account:{account.public_id}"
                if door and link.state == "active"
                else None,
                suspended=link.state == "suspended",
                retirement={"disable_requested": "coming", "disabled": "done"}.get(account.state),
            )
        )
    return list(made.values())


def _doors(syndics: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = session().execute(
        select(Client.syndic_id, Client.initiate_login_uri)
        .where(Client.syndic_id.in_(syndics), Client.status == "active", Client.initiate_login_uri.is_not(None))
        .order_by(Client.created_at.desc())
    )
    return {syndic_id: str(address) for syndic_id, address in rows}
