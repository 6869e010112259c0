"""The addresses of a menu by which an owner goes to another account: each once, in the owner's own login session.

An address is made for one session, client and account, and says so itself, sealed under a key of ours: nothing is
stored until it is used. It allows nothing: it leads to where the account's own extranet begins a sign-in, at an
address that this extranet registered (OIDC Core §4), and the issuer there decides who is signed in without a page.
"""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag

from broker.association.confirmation import masked_identifier
from broker.oidc import once
from broker.oidc.menu import queries
from broker.sessions.models import LoginSession
from config import clock
from config.database import statements
from config.settings import settings
from tenants.clients.pictures import RegisteredSyndic
from tenants.trust import service as trust

LIFE = timedelta(minutes=10)
ID_BYTES, TIME_BYTES = 16, 8
UNREADABLE = (binascii.Error, ValueError, IndexError, KeyError, InvalidTag)


@dataclass(frozen=True)
class Switch:
    """What a genuine address says."""

    session_id: uuid.UUID
    client_id: uuid.UUID
    link_id: uuid.UUID
    until: datetime
    mark: str
    """Unlike that of every other address."""

    @property
    def is_over(self) -> bool:
        """Whether its time is up, or it has been used."""
        return self.until <= clock.now() or once.is_used("menu-switch", str(self.session_id), self.mark)

    def use(self) -> bool:
        """Use it up. False: its time is up, or somebody was faster."""
        return self.until > clock.now() and once.use("menu-switch", str(self.session_id), self.mark, self.until)


@dataclass(frozen=True)
class Target:
    """The account that a switch leads to, as its owner knows it, and where its extranet begins a sign-in."""

    account: str
    syndic: str
    address: str


def address(syndic: RegisteredSyndic, session_id: uuid.UUID, client_id: uuid.UUID, link_id: uuid.UUID) -> str:
    """A new address for this account in the menu that this client shows in this login session."""
    until = int((clock.now() + LIFE).timestamp())
    plain = session_id.bytes + client_id.bytes + link_id.bytes + until.to_bytes(TIME_BYTES, "big")
    sealed = settings().keys.encrypt(plain, _context(syndic))
    return f"{syndic.issuer}/switch/{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"


def read(syndic: RegisteredSyndic, token: str) -> Switch | None:
    """What the address with this ending says; None: it was not made here for a menu of this syndic."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        plain = settings().keys.decrypt(sealed, _context(syndic))
    except UNREADABLE:
        return None
    session_id, client_id, link_id = (_id(plain, place) for place in range(3))
    until = datetime.fromtimestamp(int.from_bytes(plain[3 * ID_BYTES :], "big"), UTC)
    return Switch(session_id, client_id, link_id, until, sealed.hex())


def target(syndic: RegisteredSyndic, switch: Switch, found: LoginSession) -> Target | None:
    """Where the switch leads at this instant, for the person of the session that it was made for.

    None: nowhere any more. Its link, either extranet or the trust between both syndics has ended, or the person does
    not show that syndic's accounts in other menus any more.
    """
    values = {"identity": found.identity_id, "syndic": syndic.id, "client": switch.client_id, "link": switch.link_id}
    with statements() as sql:
        row = sql.execute(queries.TARGET, values).fetchone()
    if row is None or row["door"] is None or not trust.decide(syndic.id, row["syndic_id"], "list").allowed:
        return None
    name = row["own"] or row["label"] or masked_identifier(row["identifier"])
    return Target(name, row["name"], _begun_at(row["door"], row))


def _id(plain: bytes, place: int) -> uuid.UUID:
    return uuid.UUID(bytes=plain[place * ID_BYTES : (place + 1) * ID_BYTES])


def _begun_at(door: str, row: dict[str, str]) -> str:
    values = {"iss": f"{settings().base_url}/t/{row['slug']}", "login_hint": f"account:{row['public_id']}"}
    return f"{door}{'&' if '?' in door else '?'}{urlencode(values)}"


def _context(syndic: RegisteredSyndic) -> str:
    return f"menu-switch:{syndic.id}"
