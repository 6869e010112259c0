"""Asking for another address, proving its mailbox, and taking it (SECURITY R4)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from broker.identities import attempts, authentication, devices, dormancy, journal, passwords
from broker.identities import service as identities
from broker.identities.addresses.models import AddressChange
from broker.identities.addresses.refusals import AccountLocked, AddressTaken, ChangeVoid, TooManyChanges
from broker.identities.attempts import Door
from broker.identities.emails import Address, parsed
from broker.identities.models import Identity
from broker.web.network import Caller
from config import clock, secrets
from config.database import session, statements
from config.mail.service import newest_state, post
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM

KIND = "address_confirm"
LIFE = timedelta(minutes=60)
REVERTABLE = timedelta(days=7)
CODE_DIGITS = 8
TRIES = 5
CHANGES_A_DAY = 5

_TAKE_TRY = """
UPDATE address_changes SET code_tries = code_tries + 1 WHERE id = %s AND code_tries < %s AND state = 'pending'
RETURNING code_tries
"""


@dataclass(frozen=True)
class Minted:
    """What the mail to the new address carries; `token` and `code` are empty where somebody has that address."""

    token: str
    code: str
    locale: str
    expires_at: datetime


def ask(identity: Identity, session_id: uuid.UUID, address: Address, caller: Caller) -> AddressChange:
    """Promise a mail to the new address. An earlier change that waits is void: at most one is pending.

    Whether somebody has that address is asked by the worker that writes the mail: here it makes no difference.

    Raises:
        AccountLocked: the password must be reset first.
        TooManyChanges: five were asked for within a day.
    """
    session().refresh(identity, with_for_update=True)  # two tabs come one after the other
    if attempts.is_locked(attempts.of_email(identity.email)):
        raise AccountLocked(f"identity {identity.id}")
    now = clock.now()
    _refuse_too_many(identity.id, now)
    void_pending(identity.id)
    change = AddressChange(
        identity_id=identity.id,
        identity_epoch=identity.epoch,
        credentials=_credentials(identity),
        session_id=session_id,
        email=address.canonical,
        email_typed=address.typed,
        former_email=identity.email,
        former_typed=identity.email_typed,
        locale=identity.locale,
        state="pending",
        created_at=now,
        expires_at=now + LIFE,
    )
    session().add(change)
    session().flush()
    kind, key = KIND, str(change.id)  # past a cap on mail nothing goes out, and nothing says so (R15)
    post(address.canonical, kind, change.id, identity.locale, key, asked_from=caller.network)
    return change


def void_pending(identity_id: uuid.UUID) -> None:
    """Whatever change waits is worth nothing any more."""
    waiting = update(AddressChange).where(AddressChange.identity_id == identity_id, AddressChange.state == "pending")
    session().execute(waiting.values(state="void"))


def mint(change_id: uuid.UUID) -> Minted | None:
    """Make the link and the code of the mail about to be sent; None where the change waits no more.

    For an address that somebody has nothing is made: no code and no link can be right.
    """
    change = session().get(AddressChange, change_id, with_for_update=True)
    if change is None or change.state != "pending" or change.expires_at <= clock.now():
        return None
    if identities.by_email(change.email) is not None:
        return Minted("", "", change.locale, change.expires_at)
    token, code = settings().keys.mailed("address-confirm", change.id, CODE_DIGITS)
    change.token_digest, change.code_mac = secrets.digest(token), _mac(change.id, code)
    return Minted(token, code, change.locale, change.expires_at)


def pending(identity_id: uuid.UUID, session_id: uuid.UUID) -> AddressChange:
    """The change that this very browser waits for.

    Raises:
        ChangeVoid: there is none, or it is over.
    """
    change = session().scalar(
        select(AddressChange).where(
            AddressChange.identity_id == identity_id,
            AddressChange.session_id == session_id,
            AddressChange.state == "pending",
        )
    )
    return _standing(change, identities.by_id(identity_id))


def mail_state(change: AddressChange) -> str:
    """What became of the mail to the new address, whoever has it."""
    return newest_state(change.id, KIND)


def opened(token: str) -> AddressChange:
    """The change of a mail's link. Opening changes nothing (SECURITY R9).

    Raises:
        ChangeVoid: it leads nowhere any more.
    """
    found = session().scalar(select(AddressChange).where(AddressChange.token_digest == secrets.digest(token)))
    return _standing(found, identities.by_id(found.identity_id) if found else None)


def by_code(change: AddressChange, code: str) -> bool:
    """Whether the typed code is the mail's. The try is counted before; a malformed entry is none (SECURITY R9).

    Raises:
        ChangeVoid: five codes were wrong.
    """
    typed = typed_code(code)
    if typed is None:
        return False
    with statements() as sql:
        counted = sql.execute(_TAKE_TRY, (change.id, TRIES)).fetchone()
    if counted is None:
        raise ChangeVoid(f"change {change.id} has no tries left")
    right = secrets.same(change.code_mac or secrets.token(), _mac(change.id, typed))
    if not right and counted["code_tries"] >= TRIES:
        raise ChangeVoid(f"change {change.id} has used its tries")
    return right


def by_link(change: AddressChange, typed_email: str, password: str, door: Door) -> authentication.Answer | None:
    """Whether both are right: the new address, and the password of the identity, under the throttle of all pages (R11).

    None where the address is not the mail's: no try, so that whoever holds only the link counts against nobody.
    """
    address, identity = parsed(typed_email), identities.by_id(change.identity_id)
    if identity is None or address is None or address.canonical != change.email or not password:
        passwords.waste(password)
        return None
    return authentication.check(identity.email, password, door)


def confirm(change: AddressChange, caller: Caller) -> Identity:
    """Take the new address and tell the former one. Everything that carries the older epoch dies with this commit.

    The browsers that the former address was known in are known under the new one.

    Raises:
        ChangeVoid: it was used, overtaken or voided meanwhile.
        AddressTaken: somebody else got the address meanwhile.
    """
    identity = session().get(Identity, change.identity_id, with_for_update=True)
    session().refresh(change)
    _standing(change, identity)
    assert identity is not None  # noqa: S101 - or the change would not stand
    now = clock.now()
    change.state, change.confirmed_at, change.revert_until = "confirmed", now, now + REVERTABLE
    take(identity, Address(change.email, change.email_typed))
    identity.epoch += 1
    dormancy.proved(identity)
    post(change.former_email, "address_changed", change.id, identity.locale, str(change.id))
    for address in (change.former_email, change.email):
        attempts.unlock(attempts.of_email(address))
    devices.rename(identity.id, attempts.of_email(change.email).owner)
    journal.note("address.changed", identity.id, caller)
    audit.append(
        PLATFORM,
        "address.changed",
        {},
        {"former_email": change.former_email, "email": change.email},
        subject=identity.id,
    )
    return identity


def take(identity: Identity, address: Address) -> None:
    """Give the identity another address: of two who want it at once the database lets one have it.

    Raises:
        AddressTaken: somebody else has it.
    """
    try:
        with session().begin_nested():
            identity.email, identity.email_typed = address.canonical, address.typed
    except IntegrityError as error:
        raise AddressTaken(f"identity {identity.id}") from error


def typed_code(code: str) -> str | None:
    """The eight digits that were typed, however they were spaced; None for anything else."""
    typed = "".join(code.split())
    return typed if len(typed) == CODE_DIGITS and typed.isascii() and typed.isdigit() else None


def _standing(change: AddressChange | None, identity: Identity | None) -> AddressChange:
    """The change, if nothing has voided it: time, a reset, another password, a lock, another change (SECURITY R4).

    Raises:
        ChangeVoid: something has.
    """
    if change is None or identity is None:
        raise ChangeVoid("no such change")
    if change.state != "pending" or change.expires_at <= clock.now():
        raise ChangeVoid(f"change {change.id} is {change.state}, until {change.expires_at}")
    if identity.epoch != change.identity_epoch or not secrets.same(change.credentials, _credentials(identity)):
        raise ChangeVoid(f"change {change.id} was overtaken by a reset or another password")
    if attempts.is_locked(attempts.of_email(identity.email)):
        raise ChangeVoid(f"change {change.id}: the address is locked")
    return change


def _refuse_too_many(identity_id: uuid.UUID, now: datetime) -> None:
    recent = select(func.count()).where(
        AddressChange.identity_id == identity_id, AddressChange.created_at > now - timedelta(days=1)
    )
    if (session().scalar(recent) or 0) >= CHANGES_A_DAY:
        raise TooManyChanges(f"identity {identity_id}")


def _credentials(identity: Identity) -> bytes:
    return secrets.digest(identity.password_hash)


def _mac(change_id: uuid.UUID, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "address-change", str(change_id), code)
