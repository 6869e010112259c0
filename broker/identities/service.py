"""Identities and their links: finding, authenticating, making. Only a confirmed association makes either."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select

from broker.identities import (
    dormancy,
    passwords,
    releases,  # noqa: F401 - it listens to links: with the last one at a syndic ends what that one was let see
)
from broker.identities.models import Identity, Link
from config import clock
from config.database import session
from config.settings import settings
from tenants.legacy.models import LegacyAccount
from tenants.webhooks import service as webhooks


def by_email(canonical: str) -> Identity | None:
    """The identity of that canonical address."""
    return session().scalar(select(Identity).where(Identity.email == canonical))


def by_id(identity_id: uuid.UUID) -> Identity | None:
    """The identity of that id."""
    return session().get(Identity, identity_id)


def authenticate(canonical: str, password: str, wait: Callable[[float], None] = time.sleep) -> Identity | None:
    """The identity whose address and password these are; None for an unknown address and a wrong password alike.

    One hash either way, and at least `password_floor_ms` for every None (SECURITY R10): a hash of an older cost is
    checked sooner than today's, which an unknown address is measured by. `wait` is called with the seconds that are
    left of it. A right password waits for nothing.
    """
    begun = time.monotonic()
    identity = _authenticated(canonical, password)
    if identity is None:
        wait(max(0.0, settings().password_floor_ms / 1000 - (time.monotonic() - begun)))
    return identity


def _authenticated(canonical: str, password: str) -> Identity | None:
    """One row and one hash for any address. A hash of an older cost is made anew.

    Only a right password makes an object of the row: that takes a time of its own.
    """
    bearer = select(literal(1)).subquery().outerjoin(Identity, Identity.email == canonical)
    row = session().execute(select(Identity.id, Identity.password_hash).select_from(bearer)).one()
    if not passwords.matches(row.password_hash or passwords.decoy(), password) or row.id is None:
        return None
    identity = by_id(row.id)
    if identity is None or identity.password_hash != row.password_hash:
        return None  # reset at this very moment: the old password must not open a session of the new epoch (R2)
    if passwords.needs_rehash(identity.password_hash):
        identity.password_hash = passwords.hashed(password)
    dormancy.note_use(identity)
    return identity


def create(email: str, email_typed: str, password_hash: str, profile: dict[str, Any], locale: str) -> Identity:
    """Make the identity of a mailbox that has just been proved (SECURITY R1)."""
    identity = Identity(
        email=email,
        email_typed=email_typed,
        password_hash=password_hash,
        profile=profile,
        locale=locale,
        epoch=0,
        created_at=clock.now(),
        used_at=clock.now(),
    )
    session().add(identity)
    session().flush()
    return identity


def links_of(identity_id: uuid.UUID) -> list[tuple[Link, LegacyAccount]]:
    """The living links of an identity with their accounts, oldest first."""
    rows = session().execute(
        select(Link, LegacyAccount)
        .join(LegacyAccount, LegacyAccount.id == Link.account_id)
        .where(Link.identity_id == identity_id, Link.state != "ended")
        .order_by(Link.created_at)
    )
    return [(link, account) for link, account in rows]


def syndics_held(identity_id: uuid.UUID) -> set[uuid.UUID]:
    """The syndics at which the identity holds an active link."""
    return set(session().scalars(select(Link.syndic_id).where(Link.identity_id == identity_id, Link.state == "active")))


def living_link(identity_id: uuid.UUID, account_id: uuid.UUID) -> Link | None:
    """The link between these two, unless it has ended."""
    return session().scalar(
        select(Link).where(Link.identity_id == identity_id, Link.account_id == account_id, Link.state != "ended")
    )


def end_suspended(identity: Identity, account_id: uuid.UUID) -> None:
    """End the suspended link between these two, if there is one, before a new one is made."""
    former = living_link(identity.id, account_id)
    if former is None or former.state != "suspended":
        return
    former.state, former.ended_at = "ended", clock.now()
    account = session().get_one(LegacyAccount, account_id)
    webhooks.link_ended(former.syndic_id, account.public_id, former.sub, reason="contest", key=str(former.id))
    if identity.default_link_id == former.id:
        identity.default_link_id = None
    session().flush()


def holders_of(account_id: uuid.UUID) -> list[Identity]:
    """Everybody who holds an active link to this account."""
    return list(
        session().scalars(
            select(Identity)
            .join(Link, Link.identity_id == Identity.id)
            .where(Link.account_id == account_id, Link.state == "active")
        )
    )


def tie(
    identity: Identity,
    account: LegacyAccount,
    *,
    association_id: uuid.UUID,
    sub: str,
    proofs: list[str],
    until: datetime,
) -> Link:
    """Tie an account to an identity. The first tie becomes the default account."""
    link = Link(
        syndic_id=account.syndic_id,
        identity_id=identity.id,
        account_id=account.id,
        association_id=association_id,
        sub=sub,
        state="active",
        proofs=proofs,
        contest_until=until,
        created_at=clock.now(),
    )
    session().add(link)
    session().flush()
    if identity.default_link_id is None:
        identity.default_link_id = link.id
    return link


def sub_is_taken(sub: str) -> bool:
    """Whether some link, living or ended, has this subject: only the first one inherits the account's."""
    return session().scalar(select(Link.id).where(Link.sub == sub)) is not None
