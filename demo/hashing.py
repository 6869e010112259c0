"""The hash schemes of the syndics' old software: made for the exports, verified by the extranets."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from random import Random

from passlib.hash import bcrypt, ldap_salted_md5, sha512_crypt

BCRYPT_COST = 10
SHA512_ROUNDS = 5000
ASPNET_ITERATIONS = 10_000
# Printed codes leave out what a reader confuses: I and 1, O and 0.
PRINTED = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
SALT_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# ASP.NET Core Identity, PasswordHasher version 3: the numbers of its pseudo-random functions.
ASPNET_PRFS = {1: "sha256", 2: "sha512"}
ASPNET_HEADER = 13  # the marker (1 byte), then PRF, iterations and salt length (4 bytes each, big-endian)


def make(scheme: str, secret: str, rng: Random) -> str:
    """The hash of `secret`, with a salt drawn from `rng`: the same state gives the same text.

    Raises:
        KeyError: no such scheme.
    """
    return _MAKERS[scheme](secret, rng)


def verify(scheme: str, secret: str, stored: str) -> bool:
    """Whether `stored` is a hash of `secret`.

    Raises:
        KeyError: no such scheme.
        ValueError: `stored` is no hash of that scheme, or `secret` has a NUL or over 4,096 characters.
    """
    return _VERIFIERS[scheme](secret, stored)


def _salt(rng: Random, length: int) -> str:
    return "".join(rng.choices(SALT_ALPHABET, k=length))


def _make_bcrypt(secret: str, rng: Random) -> str:
    # The 22nd sign carries two bits of the salt only; PHP's software writes 2y, the others 2b.
    salt = _salt(rng, 21) + rng.choice(".Oeu")
    return str(bcrypt.using(rounds=BCRYPT_COST, salt=salt, ident=rng.choice(("2y", "2b"))).hash(secret))


def _make_salted_md5(secret: str, rng: Random) -> str:
    return str(ldap_salted_md5.using(salt=rng.randbytes(rng.choice((4, 8)))).hash(secret))


def _make_sha512_crypt(secret: str, rng: Random) -> str:
    return str(sha512_crypt.using(rounds=SHA512_ROUNDS, salt=_salt(rng, 16)).hash(secret))


def _make_aspnet(secret: str, rng: Random) -> str:
    prf, salt = rng.choice(tuple(ASPNET_PRFS)), rng.randbytes(16)
    subkey = hashlib.pbkdf2_hmac(ASPNET_PRFS[prf], secret.encode(), salt, ASPNET_ITERATIONS, 32)
    numbers = b"".join(value.to_bytes(4, "big") for value in (prf, ASPNET_ITERATIONS, len(salt)))
    return base64.b64encode(b"\x01" + numbers + salt + subkey).decode()


def _verify_aspnet(secret: str, stored: str) -> bool:
    raw = base64.b64decode(stored, validate=True)
    prf, iterations, length = (int.from_bytes(raw[start : start + 4], "big") for start in (1, 5, 9))
    salt, subkey = raw[ASPNET_HEADER : ASPNET_HEADER + length], raw[ASPNET_HEADER + length :]
    if raw[:1] != b"\x01" or prf not in ASPNET_PRFS or not iterations or len(salt) != length or len(subkey) < 16:
        raise ValueError("not a hash of ASP.NET Identity, version 3")
    made = hashlib.pbkdf2_hmac(ASPNET_PRFS[prf], secret.encode(), salt, iterations, len(subkey))
    return hmac.compare_digest(made, subkey)


_MAKERS: dict[str, Callable[[str, Random], str]] = {
    "bcrypt": _make_bcrypt,
    "salted_md5": _make_salted_md5,
    "sha512_crypt": _make_sha512_crypt,
    "aspnet_identity_v3": _make_aspnet,
}
_VERIFIERS: dict[str, Callable[[str, str], bool]] = {
    "bcrypt": bcrypt.verify,
    "salted_md5": ldap_salted_md5.verify,
    "sha512_crypt": sha512_crypt.verify,
    "aspnet_identity_v3": _verify_aspnet,
}
