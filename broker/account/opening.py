"""Opening an account's extranet from here: its own sign-in begins there, for this account (OIDC Core §4).

Whoever signed in at the portal has told no syndic yet: opening an account is what lets that syndic's extranet
sign this person in without a page (DESIGN section 4). No syndic can make it happen: the address of an account is
made for one login session, and means nothing outside it.
"""

import uuid
from collections.abc import Sequence
from urllib.parse import urlencode

from sqlalchemy import select

from broker.identities import service as identities
from broker.identities.models import Identity, Link
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from config import secrets
from config.database import session
from config.errors import NotFound
from config.settings import settings
from tenants.clients.models import Client
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic

Row = tuple[Link, LegacyAccount]
HANDLE_LENGTH = 32


def handle(found: LoginSession, link: Link) -> str:
    """The name of an account within one login session: 32 hexadecimal digits."""
    return secrets.keyed(settings().keys.name_key, "open", str(found.id), str(link.id)).hex()[:HANDLE_LENGTH]


def managed(found: LoginSession, link: Link) -> str:
    """Its name where it is renamed, chosen or detached: another one, and no more use elsewhere."""
    return secrets.keyed(settings().keys.name_key, "manage", str(found.id), str(link.id)).hex()[:HANDLE_LENGTH]


def default_among(links: Sequence[Link], person: Identity) -> Link | None:
    """The account that opens at an interactive sign-in (JOURNEYS C6): the chosen one, else the first that can."""
    able = [link for link in links if link.state == "active"]
    return next((link for link in able if link.id == person.default_link_id), able[0] if able else None)


def default_of(person: Identity) -> Link | None:
    """The same, if its extranet has a door."""
    chosen = default_among([link for link, _ in identities.links_of(person.id)], person)
    return chosen if chosen is not None and doors({chosen.syndic_id}) else None


def opened(found: LoginSession, person: Identity, wanted: str) -> tuple[Row, str]:
    """The account of a handle, and where its extranet begins a sign-in for it.

    Raises:
        NotFound: no account of this person in this session, or its extranet cannot be opened from outside.
    """
    for link, account in identities.links_of(person.id):
        if link.state == "active" and secrets.same(handle(found, link), wanted):
            return (link, account), _address(account)
    raise NotFound("no account of this session under this handle")


def allow(found: LoginSession, link: Link) -> None:
    """Let the account's syndic sign this person in: only where the sign-in took place at the portal."""
    if None in sessions.origins_of(found.id):
        sessions.open_at(found, link.syndic_id)


def doors(syndics: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Where each syndic's extranet begins a sign-in, for those that have such an address."""
    rows = session().execute(
        select(Client.syndic_id, Client.initiate_login_uri)
        .where(Client.syndic_id.in_(syndics), Client.status == "active", Client.initiate_login_uri.is_not(None))
        .order_by(Client.created_at.desc())
    )
    return {syndic_id: str(address) for syndic_id, address in rows}


def _address(account: LegacyAccount) -> str:
    door = doors({account.syndic_id}).get(account.syndic_id)
    slug = session().scalar(select(Syndic.slug).where(Syndic.id == account.syndic_id, Syndic.status == "active"))
    if door is None or slug is None:
        raise NotFound("this extranet cannot be opened from outside")
    values = {"iss": f"{settings().base_url}/t/{slug}", "login_hint": f"account:{account.public_id}"}
    return f"{door}{'&' if '?' in door else '?'}{urlencode(values)}"
