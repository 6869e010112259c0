"""Whether an address and a password go together: asked here by every page, under one throttle (SECURITY R11)."""

from dataclasses import dataclass

from broker.identities import attempts, journal, service
from broker.identities.attempts import Door, Locked, Slowed
from broker.identities.emails import parsed
from broker.identities.models import Identity
from broker.identities.passwords import LONGEST, waste
from broker.web.network import Caller

LONGEST_NAME = 254


@dataclass(frozen=True)
class Right:
    """They do."""

    identity: Identity


@dataclass(frozen=True)
class Wrong:
    """They do not; the same for an address that nobody has. `left`: tries before the lock; 0: it has just locked."""

    left: int


Answer = Right | Wrong | Locked | Slowed


def check(typed: str, password: str, door: Door) -> Answer:
    """Count an attempt under this address, then check it, at the same cost whoever bears the address (R10)."""
    address = parsed(typed[:LONGEST_NAME])
    canonical = address.canonical if address else typed[:LONGEST_NAME].strip().lower()
    secret = password[: 4 * LONGEST]
    reserved = attempts.reserve(attempts.of_email(canonical), door)
    if not isinstance(reserved, attempts.Reserved):
        waste(secret)
        return reserved
    identity = service.authenticate(canonical, secret)
    if identity is None:
        if reserved.left == 0:
            journal.note_name("locked", attempts.of_email(canonical).key, Caller("", door.network))
        return Wrong(reserved.left)
    attempts.succeeded(reserved)
    return Right(identity)
