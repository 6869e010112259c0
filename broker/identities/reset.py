"""« Mot de passe oublié ? »: the same answer for every address, a mail to its owner, and what its link allows."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from broker.identities import attempts, dormancy, journal, passwords, second_proof
from broker.identities.emails import Address, parsed
from broker.identities.factors import service as factors
from broker.identities.models import Identity, PasswordReset
from broker.identities.refusals import SecondProofMissing
from broker.identities.second_proof import Typed
from broker.web.network import Caller
from config import clock, secrets
from config.database import new_id, session
from config.errors import Refusal
from config.mail.service import post
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM

LIFE = timedelta(minutes=60)


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
    frozen: bool = False
    """The address is blocked: the mail says why and what to do, and its link leads nowhere."""


def request_mail(address: Address, locale: str, caller: Caller) -> None:
    """Promise a mail to this address, whether or not anybody bears it; past a cap on mail nothing is sent (R15)."""
    now, request_id = clock.now(), new_id()
    # Three values, not the whole row: making an object of it would take a time that no unknown address takes (R10).
    whose = select(Identity.id, Identity.epoch, Identity.locale).where(Identity.email == address.canonical)
    identity = session().execute(whose).first()
    kind = "password_reset" if identity else "password_reset_unknown"
    language = identity.locale if identity else locale
    if not post(address.canonical, kind, request_id, language, str(request_id), asked_from=caller.network):
        return
    session().add(
        PasswordReset(
            id=request_id,
            email=address.canonical,
            identity_id=identity.id if identity else None,
            identity_epoch=identity.epoch if identity else None,
            locale=language,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    journal.note_name("password.reset-asked", attempts.of_email(address.canonical).key, caller)


def mint(request_id: uuid.UUID) -> MintedReset | None:
    """Make the link of a reset mail about to be sent; None where it would come too late."""
    row = session().get(PasswordReset, request_id)
    if row is None or row.expires_at <= clock.now() or row.used_at is not None:
        return None
    token, _ = settings().keys.mailed("reset", row.id, 0)
    identity = session().get(Identity, row.identity_id) if row.identity_id else None
    identity = None if identity is not None and identity.closed_at is not None else identity
    frozen = identity is not None and identity.frozen_at is not None
    if identity is not None and not frozen:
        row.token_digest = secrets.digest(token)
    return MintedReset(token, row.email, row.locale, row.expires_at, known=identity is not None, frozen=frozen)


def opened(token: str) -> PasswordReset:
    """The living request of a mail's link.

    Raises:
        ResetVoid: used, expired, overtaken by another reset, or never sent.
    """
    row = session().scalar(select(PasswordReset).where(PasswordReset.token_digest == secrets.digest(token)))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise ResetVoid("no living reset of this token")
    identity = session().get(Identity, row.identity_id)
    if identity is None or identity.epoch != row.identity_epoch or identity.frozen_at or identity.closed_at:
        raise ResetVoid(f"reset {row.id} was overtaken")
    return row


def needs_second_proof(row: PasswordReset) -> bool:
    """Whether the mailbox alone is not enough (SECURITY R14): said to whoever holds the mail's link, to nobody else."""
    identity = session().get(Identity, row.identity_id)
    return identity is not None and second_proof.asks_for_code(identity)


def set_password(row: PasswordReset, typed_email: str, password: str, typed: Typed, caller: Caller) -> Identity | None:
    """Set a new password. Unlocks; everything that carries the older epoch dies with this commit (SECURITY R2).

    None where the typed address is not the mail's: nothing is counted, nothing changes. `typed` counts only where
    the address needs a second proof.

    Raises:
        ResetVoid: used meanwhile.
        SecondProofMissing: the mailbox alone is not enough, and what was typed beside it is wrong.
        Unavailable: the syndic's own source, which should judge the second proof, does not answer.
    """
    address = parsed(typed_email)
    if address is None or address.canonical != row.email:
        return None
    _refuse_unproved(row, typed)
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
    identity.review_due = needs_second_proof(row) or factors.enrolled(identity.id).any
    dormancy.proved(identity)
    attempts.unlock(attempts.of_email(identity.email))
    journal.tell("password.reset", identity, caller)
    audit.append(PLATFORM, "password.reset", {}, {"email": identity.email}, subject=identity.id)
    return identity


def _refuse_unproved(row: PasswordReset, typed: Typed) -> None:
    identity = session().get(Identity, row.identity_id)
    if identity is not None and second_proof.asks_for_code(identity) and not second_proof.shown(identity, typed):
        raise SecondProofMissing(f"reset {row.id}")
