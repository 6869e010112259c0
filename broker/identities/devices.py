"""Browsers that a name has signed in from before. Each holds a random token of its own for that name.

It gives nothing but a counter of its own and a friendlier page: it is no proof of anybody.
"""

import uuid

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from broker.identities.models import KnownDevice
from broker.web.network import Caller
from config import clock, secrets
from config.database import session


def remember(owner: bytes, token: str | None, identity_id: uuid.UUID | None, caller: Caller) -> str:
    """Know this browser under a name (`attempts.Name.owner`), in the caller's transaction. Returns its token.

    `token` is what the browser holds for the name already, if anything: kept where we gave it, else made anew.
    """
    now = clock.now()
    if token is not None and _seen_again(owner, token, caller):
        return token
    fresh = secrets.token()
    session().execute(
        insert(KnownDevice).values(
            name=owner,
            token_digest=secrets.digest(fresh),
            identity_id=identity_id,
            user_agent=caller.user_agent,
            created_at=now,
            seen_at=now,
            counted_at=now,
            failures=0,
        )
    )
    return fresh


def is_known(owner: bytes, token: str | None) -> bool:
    """Whether the browser with this token has signed in under the name before."""
    known = select(KnownDevice.name).where(
        KnownDevice.name == owner, KnownDevice.token_digest == secrets.digest(token or "")
    )
    return session().scalar(known) is not None


def of_identity(identity_id: uuid.UUID) -> list[KnownDevice]:
    """The browsers that are known for a person, the last seen first."""
    wanted = select(KnownDevice).where(KnownDevice.identity_id == identity_id)
    return list(session().scalars(wanted.order_by(KnownDevice.seen_at.desc())))


def rename(identity_id: uuid.UUID, owner: bytes) -> None:
    """Know the browsers of a person, whose address has changed, under the new one's name (`attempts.Name.owner`)."""
    session().execute(update(KnownDevice).where(KnownDevice.identity_id == identity_id).values(name=owner))


def forget(identity_id: uuid.UUID, token_digest: bytes | None = None) -> None:
    """Know one browser of a person no longer, or (None) none of them."""
    gone = delete(KnownDevice).where(KnownDevice.identity_id == identity_id)
    session().execute(gone.where(KnownDevice.token_digest == token_digest) if token_digest else gone)


def _seen_again(owner: bytes, token: str, caller: Caller) -> bool:
    seen = (
        update(KnownDevice)
        .where(KnownDevice.name == owner, KnownDevice.token_digest == secrets.digest(token))
        .values(seen_at=clock.now(), user_agent=caller.user_agent)
        .returning(KnownDevice.name)
    )
    return session().scalar(seen) is not None
