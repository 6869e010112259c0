"""Legacy accounts: finding them, and whether a typed pair is right. What views, attempts and workers call."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from config import secrets
from config.database import session
from config.errors import NotFound
from config.settings import settings
from tenants.legacy import closing, second_codes, tombstones
from tenants.legacy.captures import capture
from tenants.legacy.connectors.source import connector_for
from tenants.legacy.identifiers import canonical_identifier
from tenants.legacy.lifecycle import (
    confirm,
    let_go,
    mark_pending,
    record_disabled,
    record_reissued,
    reissue,
    release,
)
from tenants.legacy.models import LIVING, LegacyAccount, SecondCode
from tenants.syndics.models import Syndic

__all__ = [
    "Verified",
    "by_public_id",
    "canonical_identifier",
    "confirm",
    "find",
    "get",
    "let_go",
    "lets_in",
    "mark_pending",
    "record_disabled",
    "record_reissued",
    "reissue",
    "release",
    "verify",
]

LONGEST_SECRET = 1024
RETIRED_STATES = ("disable_requested", "disabled")


@dataclass(frozen=True)
class Verified:
    """A right pair. `retired`: its credentials are no longer a way in, and the owner may be told so (B12)."""

    account: LegacyAccount
    retired: bool
    second_code: SecondCode | None = None
    """The second code that was typed, where it was not the account's own secret."""


def find(syndic_id: uuid.UUID, identifier: str) -> LegacyAccount | None:
    """The living account of a syndic under an identifier, in whatever spelling."""
    return session().scalar(
        select(LegacyAccount).where(
            LegacyAccount.syndic_id == syndic_id,
            LegacyAccount.identifier == canonical_identifier(identifier),
            LIVING,
        )
    )


def get(syndic_id: uuid.UUID, account_id: uuid.UUID) -> LegacyAccount:
    """An account of a syndic by its key.

    Raises:
        NotFound: there is none, or it is another syndic's: both answer alike.
    """
    wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == syndic_id, LegacyAccount.id == account_id)
    account = session().scalar(wanted)
    if account is None:
        raise NotFound("no such account at this syndic")
    return account


def by_public_id(syndic_id: uuid.UUID, public_id: str) -> LegacyAccount:
    """An account of a syndic by the `id` that its extranet knows.

    Raises:
        NotFound: there is none, or it is another syndic's: both answer alike.
    """
    wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == syndic_id, LegacyAccount.public_id == public_id)
    account = session().scalar(wanted)
    if account is None:
        raise NotFound("no such account at this syndic")
    return account


def verify(syndic: Syndic, identifier: str, secret: str, wait: Callable[[float], None] = time.sleep) -> Verified | None:
    """Whether a typed pair is right; None for unknown and wrong alike, after the same work (R10, ASVS 6.3.8).

    Every outcome costs the same SQL statements, one hash of the syndic's scheme or one call of its service, one
    Argon2 hash, and at least `connector_floor_ms`: `wait` is called once with the seconds that are left of it.
    Whoever types a second code is known without the syndic's own service, which is not asked then.

    Raises:
        SourceUnavailable: the syndic's source does not answer.
    """
    begun = time.monotonic()
    try:
        return _judged(syndic, canonical_identifier(identifier), _bounded(secret))
    finally:
        wait(max(0.0, settings().connector_floor_ms / 1000 - (time.monotonic() - begun)))


def _judged(syndic: Syndic, name: str, secret: str) -> Verified | None:
    connector = connector_for(syndic.id)
    account = find(syndic.id, name)
    left = closing.left_under(syndic.id, name)
    former = tuple(account.retired_tombstones) if account is not None else left.tombstones
    code = second_codes.matching(syndic.id, name, secret)
    known = code is not None and account is not None and code.account_id == account.id
    profile = None if known and connector.is_remote else connector.verify(name, secret)
    retired = account is not None and _is_retired(account, syndic.legacy_disable)
    stone = tombstones.cut(syndic.id, name, secret, _earlier(account, former, retired=retired))
    if any(secrets.same(stone, each) for each in former):
        profile = None  # a retired secret never works again, whatever its source says (I6)
    kept = capture(syndic.id, account, None if retired else profile, stone, left)
    if code is not None and account is not None and known:
        return Verified(account, retired=not second_codes.is_living(code), second_code=code)
    if account is not None and retired:
        buried = account.tombstone is not None and secrets.same(stone, account.tombstone)
        return Verified(account, retired=True) if buried or profile is not None else None
    return Verified(kept, retired=False) if kept is not None else None


def lets_in(account: LegacyAccount, legacy_disable: str) -> bool:
    """Whether the account's legacy credentials are a way in, under the syndic's policy `legacy_disable`."""
    return account.state != "closed" and not _is_retired(account, legacy_disable)


def _is_retired(account: LegacyAccount, legacy_disable: str) -> bool:
    due = account.state == "linked" and legacy_disable == "after_confirmation"
    return due or account.state in RETIRED_STATES


def _earlier(account: LegacyAccount | None, former: tuple[str, ...], *, retired: bool) -> str | None:
    """The tombstone to measure the typed secret by: a living account's is made anew when the cost has changed.

    Where secrets were re-issued, or the identifier was another account's before, all the tombstones under it share a
    salt, so that one hash tells of each.
    """
    if former:
        return former[0]
    if account is None or not (retired or tombstones.is_current(account.tombstone)):
        return None
    return account.tombstone


def _bounded(secret: str) -> str:
    """The secret as it can be hashed and sent; one that no syndic issued (endless) becomes one that is never right."""
    if len(secret) > LONGEST_SECRET:
        return secrets.token()
    return secret.encode("utf-8", "replace").decode()
