"""Passwords: peppered Argon2id (RFC 9106), the rule a new one must meet, and the work that a wrong name costs."""

import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from config import secrets
from config.settings import settings

SHORTEST = 12
LONGEST = 128
STRONG_ENOUGH = 3


@dataclass(frozen=True)
class Weakness:
    """Why a password is not taken: the message id to show."""

    message: str


TOO_SHORT = Weakness("Choisissez un mot de passe d'au moins 12 caractères.")
TOO_LONG = Weakness("Ce mot de passe est trop long : 128 caractères au plus.")
HOLDS_ADDRESS = Weakness("Ce mot de passe contient votre adresse e-mail : choisissez-en un autre.")
TOO_COMMON = Weakness("Ce mot de passe est trop facile à deviner. Ajoutez un ou deux mots sans rapport entre eux.")


def normal(password: str) -> str:
    """The form that is hashed: NFKC, so that the same keys on another keyboard give the same password."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, email: str) -> Weakness | None:
    """The first reason not to take a new password, or None (NIST SP 800-63B-4 §3.1.1: length, not composition)."""
    chosen = normal(password)
    if len(chosen) < SHORTEST:
        return TOO_SHORT
    if len(chosen) > LONGEST:
        return TOO_LONG
    local = email.partition("@")[0].casefold()
    if len(local) >= 4 and local in chosen.casefold():
        return HOLDS_ADDRESS
    return None if _score(chosen, email) >= STRONG_ENOUGH else TOO_COMMON


def hashed(password: str) -> str:
    """What is stored in place of a password."""
    return _hasher().hash(_peppered(password))


def matches(stored: str, password: str) -> bool:
    """Whether the password is the stored one, for the work of one hash; one that cannot be read matches nothing."""
    try:
        return _hasher().verify(stored, _peppered(password))
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError):
        waste(password)
        return False


def needs_rehash(stored: str) -> bool:
    """Whether it was made at another cost than today's."""
    return _hasher().check_needs_rehash(stored)


def waste(password: str) -> None:
    """Do the work of one verification for a name that nobody bears (SECURITY R10)."""
    matches(decoy(), password)


@lru_cache(maxsize=1)
def decoy() -> str:
    """A hash of today's cost that no password has; making it costs none, so a process's first answer is no slower."""
    cost = settings().argon2
    salt, digest = (b64encode(secrets.random_bytes(count)).decode().rstrip("=") for count in (16, 32))
    return f"$argon2id$v={ARGON2_VERSION}$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _peppered(password: str) -> bytes:
    return secrets.keyed(settings().keys.pepper, normal(password))


def _score(password: str, email: str) -> int:
    from zxcvbn_rs_py import zxcvbn

    words = [part for part in email.replace("@", ".").split(".") if part]
    return int(zxcvbn(password[:LONGEST], words).score)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    cost = settings().argon2
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
