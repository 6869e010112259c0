"""Associations that an extranet begins for a person who is signed in there with the printed codes (JOURNEYS B14).

The extranet's server announces the account, and sends the browser with the handle. The handle alone does nothing: the
person presses a button, on a page that names the account. It can be opened for a minute; whoever has the page open has
a few minutes more, by a ticket that we have signed.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select, update

from broker.association.models import Announcement
from broker.association.refusals import AnnouncementGone, BadAnnouncement
from config import clock, secrets
from config.database import session
from config.settings import settings
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFE_S = 60
TICKET_LIFE = timedelta(minutes=10)
FRESH = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)
"""How far an extranet's clock may be ahead of ours."""


@dataclass(frozen=True)
class Opened:
    """What the page shows: the account, and whether its secret must be typed again first."""

    account: LegacyAccount
    needs_secret: bool
    ticket: str


def announce(syndic: RegisteredSyndic, client: RegisteredClient, identifier: str, auth_time: str) -> str:
    """Keep that this extranet's person may associate that account. Returns the `request_uri`, good for a minute.

    Raises:
        BadAnnouncement: no such account here, or its codes are retired, or the time is none or in the future.
    """
    now, handle = clock.now(), secrets.token()
    signed_in_at = _instant(auth_time, now)
    account = legacy.find(syndic.id, identifier)
    if account is None or not legacy.lets_in(account, syndic.legacy_disable):
        raise BadAnnouncement("identifier names no account of this syndic whose codes are in use")
    session().add(
        Announcement(
            syndic_id=syndic.id,
            handle_digest=secrets.digest(handle),
            client_id=client.id,
            account_id=account.id,
            account_epoch=account.epoch,
            auth_time=signed_in_at,
            created_at=now,
            expires_at=now + timedelta(seconds=LIFE_S),
        )
    )
    return PREFIX + handle


def opened(syndic: RegisteredSyndic, request_uri: str) -> Opened:
    """What was announced under this address. Opening changes nothing (SECURITY R9).

    Raises:
        AnnouncementGone: unknown, used, another syndic's, older than a minute, or the account has changed.
    """
    now = clock.now()
    row = session().scalar(
        select(Announcement).where(
            Announcement.syndic_id == syndic.id,
            Announcement.handle_digest == secrets.digest(request_uri.removeprefix(PREFIX)),
            Announcement.expires_at > now,
        )
    )
    if row is None:
        raise AnnouncementGone("no such announcement, or too late")
    needs_secret = now - row.auth_time > FRESH
    until = int((now + TICKET_LIFE).timestamp())
    ticket = str(_signer().dumps([str(row.id), needs_secret, until]))
    return Opened(_account(row, syndic), needs_secret, ticket)


def resumed(syndic: RegisteredSyndic, ticket: str) -> Opened:
    """What the page with this ticket is about.

    Raises:
        AnnouncementGone: used meanwhile, left open for too long, another syndic's, or the account has changed.
    """
    row, needs_secret = _of_ticket(syndic, ticket)
    return Opened(_account(row, syndic), needs_secret, ticket)


def use(syndic: RegisteredSyndic, ticket: str) -> tuple[Announcement, LegacyAccount]:
    """Use it up, in the caller's transaction: of two clicks one succeeds. Returns it with its account.

    Raises:
        AnnouncementGone: as `resumed`.
    """
    row, _ = _of_ticket(syndic, ticket)
    account = _account(row, syndic)
    taken = session().scalar(
        update(Announcement)
        .where(Announcement.id == row.id, Announcement.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(Announcement.id)
    )
    if taken is None:
        raise AnnouncementGone(f"announcement {row.id} was used meanwhile")
    return row, account


def proof_of(session_id: uuid.UUID) -> str:
    """How a legacy sign-in proved the account: `extranet` where the syndic's word alone began it, else `legacy`."""
    found = session().scalar(select(Announcement.id).where(Announcement.session_id == session_id))
    return "extranet" if found else "legacy"


def _of_ticket(syndic: RegisteredSyndic, ticket: str) -> tuple[Announcement, bool]:
    try:
        named, needs_secret, until = _signer().loads(ticket)
    except (BadSignature, ValueError, TypeError) as error:
        raise AnnouncementGone("a ticket that is not ours") from error
    row = session().scalar(
        select(Announcement).where(Announcement.id == uuid.UUID(named), Announcement.syndic_id == syndic.id)
    )
    if row is None or row.used_at is not None or clock.now().timestamp() > until:
        raise AnnouncementGone("used, too old, or another syndic's")
    return row, bool(needs_secret)


def _account(row: Announcement, syndic: RegisteredSyndic) -> LegacyAccount:
    account = legacy.get(syndic.id, row.account_id)
    if row.used_at is not None or account.epoch != row.account_epoch:
        raise AnnouncementGone(f"announcement {row.id} was used, or its account has changed")
    if not legacy.lets_in(account, syndic.legacy_disable):
        raise AnnouncementGone(f"the codes of account {account.id} are retired")
    return account


def _instant(auth_time: str, now: datetime) -> datetime:
    """Seconds since 1970 (RFC 7519 §2, NumericDate without a fraction)."""
    if not (auth_time.isascii() and auth_time.isdigit() and len(auth_time) <= 12):
        raise BadAnnouncement("auth_time is missing, or no number of seconds since 1970")
    if int(auth_time) > (now + LEEWAY).timestamp():
        raise BadAnnouncement("auth_time is in the future")
    return min(datetime.fromtimestamp(int(auth_time), UTC), now)


@lru_cache(maxsize=1)
def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().keys.derive("announcements"), salt="ticket")
