"""The former address takes a change back: first both addresses freeze, then a second proof opens the old one again."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from broker.identities import attempts, devices, dormancy, journal, passwords, second_proof
from broker.identities.addresses.change import CODE_DIGITS, TRIES, take, typed_code
from broker.identities.addresses.models import AddressChange
from broker.identities.addresses.refusals import AddressTaken, RevertVoid, TriesUsed
from broker.identities.emails import Address
from broker.identities.factors import service as factors
from broker.identities.models import Identity
from broker.identities.second_proof import Typed
from broker.web.network import Caller
from config import clock, secrets
from config.database import session, statements
from config.mail.service import post
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM

REGAINABLE = timedelta(days=60)
"""How long the link of the mail leads to the second proof: an agency may take weeks to print another code."""

_TAKE_TRY = """
UPDATE address_changes SET revert_day = %(today)s,
    revert_tries = CASE WHEN revert_day = %(today)s THEN revert_tries + 1 ELSE 1 END
WHERE id = %(id)s AND (revert_day IS DISTINCT FROM %(today)s OR revert_tries < %(tries)s)
RETURNING revert_tries
"""


@dataclass(frozen=True)
class MintedRevert:
    """What the mail to the former address carries."""

    token: str
    code: str
    locale: str
    changed_at: datetime
    revert_until: datetime


def mint(change_id: uuid.UUID) -> MintedRevert | None:
    """Make the link and the code of the mail that tells of a change; None where it would come too late."""
    change = session().get(AddressChange, change_id, with_for_update=True)
    if change is None or change.state != "confirmed" or change.confirmed_at is None or change.revert_until is None:
        return None
    if change.revert_until <= clock.now():
        return None
    token, code = settings().keys.mailed("address-revert", change.id, CODE_DIGITS)
    change.revert_digest, change.revert_mac = secrets.digest(token), _mac(change.id, code)
    return MintedRevert(token, code, change.locale, change.confirmed_at, change.revert_until)


def opened(token: str) -> AddressChange:
    """The change of a mail's link: it may be taken back, or has been and waits for the second proof (`reverted`).

    Raises:
        RevertVoid: seven days have passed, an earlier address took it all back, or access was regained.
    """
    change = session().scalar(select(AddressChange).where(AddressChange.revert_digest == secrets.digest(token)))
    if change is None or not _is_open(change):
        raise RevertVoid("no such change, or it is over")
    return change


def by_code(change: AddressChange, code: str) -> bool:
    """Whether the typed code is the mail's. The try is counted before; a malformed entry is none (SECURITY R9).

    Raises:
        TriesUsed: five codes were wrong today.
    """
    typed = typed_code(code)
    if typed is None:
        return False
    values = {"id": change.id, "today": clock.now().date(), "tries": TRIES}
    with statements() as sql:
        counted = sql.execute(_TAKE_TRY, values).fetchone()
    if counted is None:
        raise TriesUsed(f"change {change.id}")
    return secrets.same(change.revert_mac or secrets.token(), _mac(change.id, typed))


def revert(change: AddressChange, caller: Caller) -> None:
    """Give the address back and freeze the identity: whoever holds the password or the new mailbox is out at once.

    Later changes lose their say, earlier ones keep theirs. Where somebody else has the former address by now, the
    identity keeps the new one, frozen all the same.

    Raises:
        RevertVoid: it was taken back meanwhile.
    """
    identity = _locked(change, "confirmed")
    displaced = identity.email
    _void_later(change)
    with suppress(AddressTaken):  # else it is frozen under the new one: the syndics' new codes lead on from there
        take(identity, Address(change.former_email, change.former_typed))
    factors.remove_since(identity, change.created_at)
    change.state, change.reverted_at = "reverted", clock.now()
    identity.frozen_at, identity.erase_at = clock.now(), None
    identity.epoch += 1  # after the savepoint of `take`: what that gives up must not forget which sessions end
    devices.rename(identity.id, attempts.of_email(identity.email).owner)
    journal.note("address.reverted", identity.id, caller)
    for address in sorted({displaced, change.former_email}):
        post(address, "address_reverted", change.id, identity.locale, f"{change.id}:{address}")
    personal = {"email": change.former_email, "displaced_email": displaced}
    audit.append(PLATFORM, "address.reverted", {}, personal, subject=identity.id)


def has_factor(change: AddressChange) -> bool:
    """Whether a second factor stands that is older than the change: it counts as the second proof, at the sign-in."""
    return factors.enrolled(change.identity_id).any


def regain(change: AddressChange, typed: Typed, password: str, caller: Caller) -> Identity | None:
    """Thaw the identity at its former address, with a new password. None: the second proof is wrong, or missing.

    A printed code clears the second factors: an intruder may have enrolled them. Without one, a factor that stands
    is asked for at the sign-in.

    Raises:
        RevertVoid: access was regained meanwhile.
        AddressTaken: somebody else has the former address by now.
        Unavailable: the syndic's own source does not answer.
    """
    identity = session().get(Identity, change.identity_id)
    if identity is None or not (second_proof.shown(identity, typed) if typed.is_given else has_factor(change)):
        return None
    identity = _locked(change, "reverted")
    if typed.is_given:
        factors.remove_all(identity)
    take(identity, Address(change.former_email, change.former_typed))
    change.state = "regained"
    identity.password_hash = passwords.hashed(password)
    identity.frozen_at, identity.review_due = None, True
    identity.epoch += 1
    dormancy.proved(identity)
    attempts.unlock(attempts.of_email(identity.email))
    journal.tell("address.regained", identity, caller)
    audit.append(PLATFORM, "address.regained", {}, {"email": identity.email}, subject=identity.id)
    return identity


def _is_open(change: AddressChange) -> bool:
    now = clock.now()
    if change.state == "confirmed":
        return change.revert_until is not None and change.revert_until > now
    return change.state == "reverted" and change.reverted_at is not None and change.reverted_at + REGAINABLE > now


def _locked(change: AddressChange, state: str) -> Identity:
    identity = session().get(Identity, change.identity_id, with_for_update=True)
    session().refresh(change)
    if identity is None or change.state != state or not _is_open(change):
        raise RevertVoid(f"change {change.id} is {change.state}")
    return identity


def _void_later(change: AddressChange) -> None:
    """The addresses that came after it: none of them may take anything back, or be taken, any more."""
    later = update(AddressChange).where(
        AddressChange.identity_id == change.identity_id,
        AddressChange.id != change.id,
        AddressChange.created_at >= change.created_at,
    )
    session().execute(later.where(AddressChange.state.in_(("pending", "confirmed", "reverted"))).values(state="void"))


def _mac(change_id: uuid.UUID, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "address-revert", str(change_id), code)
