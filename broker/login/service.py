"""Who signs in: an address is a central identity's, anything else a legacy identifier of this syndic (JOURNEYS A3)."""

from dataclasses import dataclass

from broker.identities import attempts, authentication
from broker.identities.attempts import Door, Locked, Reserved, Slowed
from broker.identities.models import Identity
from broker.identities.passwords import LONGEST, waste
from config import telemetry
from config.errors import Unavailable
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount, SecondCode
from tenants.syndics import service as syndics


@dataclass(frozen=True)
class SignedIn:
    """The pair was right."""

    identity: Identity | None = None
    account: LegacyAccount | None = None
    second_code: SecondCode | None = None
    """What was shown in place of the account's own secret."""


@dataclass(frozen=True)
class WrongPair:
    """Name and password do not go together; the same for a name that nobody bears."""

    left: int


@dataclass(frozen=True)
class LockedOut:
    """No password is checked for this name any more, for now. `by_email`: a reset unlocks it."""

    by_email: bool


@dataclass(frozen=True)
class Retired:
    """The right secret of an identifier whose legacy credentials are retired (JOURNEYS B12)."""

    account: str
    """Its public id."""


@dataclass(frozen=True)
class Lapsed:
    """A second code that is too old, or that the agency has taken back: told to whoever holds it, to nobody else."""


Outcome = SignedIn | WrongPair | LockedOut | Slowed | Retired | Lapsed


def sign_in(syndic: RegisteredSyndic | None, typed: str, password: str, door: Door) -> Outcome:
    """Check a pair at a syndic, or (None) at the portal.

    Raises:
        Unavailable: the syndic's own source does not answer; the attempt is given back.
    """
    by_email = "@" in typed
    try:
        outcome = (
            _by_email(authentication.check(typed, password, door))
            if by_email
            else _by_identifier(syndic, typed[: authentication.LONGEST_NAME], password[: 4 * LONGEST], door)
        )
    except Unavailable:
        telemetry.sign_in("legacy", "unavailable")
        raise
    if not isinstance(outcome, SignedIn):
        telemetry.sign_in("password" if by_email else "legacy", _ENDED[type(outcome)])
    return outcome


_ENDED = {WrongPair: "wrong", LockedOut: "locked", Slowed: "slowed", Retired: "retired", Lapsed: "lapsed"}


def legacy_secret(syndic: RegisteredSyndic, account: LegacyAccount, secret: str, door: Door) -> Outcome:
    """Check the secret of one account of a syndic, under the same counters as on the login page.

    Raises:
        Unavailable: as `sign_in`.
    """
    return _by_identifier(syndic, account.identifier, secret[: 4 * LONGEST], door)


def _by_email(answer: authentication.Answer) -> Outcome:
    match answer:
        case authentication.Right(identity):
            return SignedIn(identity=identity)
        case authentication.Wrong(left) if left:
            return WrongPair(left)
        case Slowed():
            return answer
    return LockedOut(by_email=True)


def _by_identifier(syndic: RegisteredSyndic | None, typed: str, secret: str, door: Door) -> Outcome:
    """At the portal no identifier signs in: a wrong pair, counted like any other."""
    identifier = legacy.canonical_identifier(typed)
    reserved = attempts.reserve(attempts.of_identifier(door.slug, identifier, door.network), door)
    if isinstance(reserved, Reserved) and syndic is not None:
        return _judged(syndic, identifier, secret, reserved)
    waste(secret)
    if isinstance(reserved, Reserved):
        return WrongPair(reserved.left) if reserved.left else LockedOut(by_email=False)
    return LockedOut(by_email=False) if isinstance(reserved, Locked) else reserved


def _judged(syndic: RegisteredSyndic, identifier: str, secret: str, reserved: Reserved) -> Outcome:
    try:
        verified = legacy.verify(syndics.by_id(syndic.id), identifier, secret)
    except Unavailable:
        attempts.withdrawn(reserved)
        raise
    if verified is None:
        return WrongPair(reserved.left) if reserved.left else LockedOut(by_email=False)
    attempts.succeeded(reserved)
    return _of_right_pair(verified)


def _of_right_pair(verified: legacy.Verified) -> Outcome:
    code = verified.second_code
    if not verified.retired:
        return SignedIn(account=verified.account, second_code=code)
    return Lapsed() if code is not None and code.state != "retired" else Retired(verified.account.public_id)
