"""« Mot de passe oublié ? »: the same answer for every address, a mail to its owner, and what its link allows."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from broker.identities import attempts, passwords
from broker.identities.emails import Address, parsed
from broker.identities.models import Identity, PasswordReset
from config import clock, secrets
from config.database import session
from config.errors import Refusal
from config.mail.service import post
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM

LIFE = timedelta(minutes=60)
MAILS_A_DAY = 5


class ResetVoid(Refusal):
    """The mail's link leads nowhere (any more)."""

    code = "reset_void"
    public = "Ce lien n'est plus valable. Demandez-en un autre avec « Mot de passe oublié ? »."
    status = 410


@dataclass(frozen=True)
class MintedReset:
    """What one reset mail carries; `token` is of no use where `known` is false."""

    token: str
    email: str
    locale: str
    expires_at: datetime
    known: bool


def request_mail(address: Address, locale: str) -> None:
    """Promise a mail to this address, whether or not anybody bears it; past five a day nothing more is sent (R15)."""
    now = clock.now()
    recent = select(func.count()).where(
        PasswordReset.email == address.canonical, PasswordReset.created_at > now - timedelta(days=1)
    )
    identity = session().scalar(select(Identity).where(Identity.email == address.canonical))
    if (session().scalar(recent) or 0) >= MAILS_A_DAY:
        return
    row = PasswordReset(
        email=address.canonical,
        identity_id=identity.id if identity else None,
        identity_epoch=identity.epoch if identity else None,
        locale=identity.locale if identity else locale,
        created_at=now,
        expires_at=now + LIFE,
    )
    session().add(row)
    session().flush()
    kind = "password_reset" if row.identity_id else "password_reset_unknown"
    post(row.email, kind, row.id, row.locale, str(row.id))


def mint(request_id: uuid.UUID) -> MintedReset | None:
    """Make the link of a reset mail about to be sent; None where it would come too late."""
    row = session().get(PasswordReset, request_id)
    if row is None or row.expires_at <= clock.now() or row.used_at is not None:
        return None
    token = secrets.token()
    if row.identity_id is not None:
        row.token_digest = secrets.digest(token)
    return MintedReset(token, row.email, row.locale, row.expires_at, known=row.identity_id is not None)


def opened(token: str) -> PasswordReset:
    """The living request of a mail's link.

    Raises:
        ResetVoid: used, expired, overtaken by another reset, or never sent.
    """
    row = session().scalar(select(PasswordReset).where(PasswordReset.token_digest == secrets.digest(token)))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise ResetVoid("no living reset of this token")
    identity = session().get(Identity, row.identity_id)
    if identity is None or identity.epoch != row.identity_epoch:
        raise ResetVoid(f"reset {row.id} was overtaken")
    return row


def set_password(row: PasswordReset, typed_email: str, password: str) -> Identity | None:
    """Set a new password. Unlocks; everything that carries the older epoch dies with this commit (SECURITY R2).

    None where the typed address is not the mail's: nothing is counted, nothing changes.

    Raises:
        ResetVoid: used meanwhile.
    """
    address = parsed(typed_email)
    if address is None or address.canonical != row.email:
        return None
    now = clock.now()
    taken = session().scalar(
        update(PasswordReset)
        .where(PasswordReset.id == row.id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
        .returning(PasswordReset.id)
    )
    identity = session().get(Identity, row.identity_id, with_for_update=True)
    if taken is None or identity is None:
        raise ResetVoid(f"reset {row.id} was used meanwhile")
    identity.password_hash = passwords.hashed(password)
    identity.epoch += 1
    attempts.unlock(attempts.of_email(identity.email))
    audit.append(PLATFORM, "password.reset", {}, {"email": identity.email}, subject=identity.id)
    return identity
