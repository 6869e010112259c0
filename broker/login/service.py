"""Who signs in: an address is a central identity's, anything else a legacy identifier of this syndic (JOURNEYS A3)."""

from dataclasses import dataclass

from broker.identities import attempts
from broker.identities import service as identities
from broker.identities.emails import parsed
from broker.identities.models import Identity
from broker.identities.passwords import LONGEST, waste
from config.errors import Unavailable
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics

LONGEST_NAME = 254


@dataclass(frozen=True)
class SignedIn:
    """The pair was right."""

    identity: Identity | None = None
    account: LegacyAccount | None = None


@dataclass(frozen=True)
class WrongPair:
    """Name and password do not go together; the same for a name that nobody bears."""

    left: int


@dataclass(frozen=True)
class Locked:
    """No password is checked for this name any more, for now. `by_email`: a reset unlocks it."""

    by_email: bool


@dataclass(frozen=True)
class Retired:
    """The right secret of an identifier whose legacy credentials are retired (JOURNEYS B12)."""

    account: str
    """Its public id."""


Outcome = SignedIn | WrongPair | Locked | Retired


def sign_in(syndic: RegisteredSyndic | None, typed: str, password: str, network: str) -> Outcome:
    """Check a pair at a syndic, or (None) at the portal.

    Raises:
        Unavailable: the syndic's own source does not answer; the attempt is given back.
    """
    name, secret = typed[:LONGEST_NAME], password[: 4 * LONGEST]
    if "@" in name:
        return _by_email(name, secret)
    if syndic is None:
        return _nobody(name, secret, network)
    return _by_identifier(syndic, name, secret, network)


def _by_email(typed: str, password: str) -> Outcome:
    address = parsed(typed)
    canonical = address.canonical if address else typed.strip().lower()
    name = attempts.of_email(canonical)
    left = attempts.reserve(name)
    if left is None:
        waste(password)
        return Locked(by_email=True)
    identity = identities.authenticate(canonical, password)
    if identity is None:
        return WrongPair(left) if left else Locked(by_email=True)
    attempts.succeeded(name)
    return SignedIn(identity=identity)


def _by_identifier(syndic: RegisteredSyndic, typed: str, secret: str, network: str) -> Outcome:
    identifier = legacy.canonical_identifier(typed)
    name = attempts.of_identifier(syndic.slug, identifier, network)
    left = attempts.reserve(name)
    if left is None:
        waste(secret)
        return Locked(by_email=False)
    try:
        verified = legacy.verify(syndics.by_id(syndic.id), identifier, secret)
    except Unavailable:
        attempts.withdrawn(name)
        raise
    if verified is None:
        return WrongPair(left) if left else Locked(by_email=False)
    attempts.succeeded(name)
    return Retired(verified.account.public_id) if verified.retired else SignedIn(account=verified.account)


def _nobody(typed: str, secret: str, network: str) -> Outcome:
    """At the portal no identifier signs in: a wrong pair, counted like any other."""
    name = attempts.of_identifier("", legacy.canonical_identifier(typed), network)
    left = attempts.reserve(name)
    waste(secret)
    return WrongPair(left) if left else Locked(by_email=False)
