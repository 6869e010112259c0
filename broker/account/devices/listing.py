"""Sessions and known browsers as their owner sees them: no address of a network, no key of a row."""

from dataclasses import dataclass
from datetime import datetime

from broker.account.handles import handle
from broker.account.wording import device
from broker.identities import attempts
from broker.identities import devices as known_devices
from broker.identities.models import Identity, KnownDevice
from broker.sessions import devices as device_cookies
from broker.sessions import living
from broker.sessions.models import LoginSession
from config import secrets

SHOWN = 50


@dataclass(frozen=True)
class Session:
    """One living session."""

    handle: str
    device: str
    since: datetime
    seen: datetime
    here: bool
    extranets: list[str]


@dataclass(frozen=True)
class Known:
    """One browser that is known again."""

    handle: str
    device: str
    since: datetime
    seen: datetime
    here: bool


@dataclass(frozen=True)
class Overview:
    """Everything of the page. `more`: there are more sessions than are shown."""

    sessions: list[Session]
    more: bool
    known: list[Known]


def overview(person: Identity, here: LoginSession) -> Overview:
    """What the page shows, in three statements however much there is: this browser first, then the last seen."""
    rows = living.of_identity(person, SHOWN + 1)
    shown = sorted([here, *(row for row in rows if row.id != here.id)][:SHOWN], key=lambda row: row.id != here.id)
    names = living.extranets(shown)
    sessions = [
        Session(session_handle(row), device(row.user_agent), row.created_at, row.seen_at, row.id == here.id,
                names.get(row.id, []))
        for row in shown
    ]  # fmt: skip
    own = secrets.digest(device_cookies.token(attempts.of_email(person.email).owner) or "")
    known = [_known(row, own) for row in known_devices.of_identity(person.id)[:SHOWN]]
    return Overview(sessions, len(rows) > SHOWN, sorted(known, key=lambda each: not each.here))


def session_handle(row: LoginSession) -> str:
    """What a form calls a session."""
    return handle("session", row.id.bytes)


def known_handle(row: KnownDevice) -> str:
    """What a form calls a known browser."""
    return handle("known", row.token_digest)


def _known(row: KnownDevice, own: bytes) -> Known:
    here = secrets.same(row.token_digest, own)
    return Known(known_handle(row), device(row.user_agent), row.created_at, row.seen_at, here)
