"""Promises of the hash schemes: what old software wrote still verifies, and nobody makes us work without end."""

from typing import Any

import passlib.registry
import pytest

from tenants.legacy.connectors import schemes
from tenants.legacy.refusals import UnusableHash

SECRET = "Clé-4711"
FOREIGN = sorted(set(schemes.REGISTRY) - {"aspnet_identity_v3"})
CHEAPEST = {"argon2": {"time_cost": 1, "memory_cost": 64, "parallelism": 1}, "scrypt": {"rounds": 4}}


def cheapest(name: str) -> str:
    """A hash of the secret at the least cost that the scheme knows."""
    handler: Any = passlib.registry.get_crypt_handler(name)
    inner = getattr(handler, "wrapped", handler)
    known = CHEAPEST.get(name.removeprefix("django_"))
    rounds = getattr(inner, "min_rounds", None)
    cost = known or ({"rounds": max(rounds, 1)} if rounds is not None else {})
    made: str = handler.using(**cost).hash(SECRET) if cost else handler.hash(SECRET)
    return made


def test_at_least_thirty_schemes_are_known() -> None:
    assert len(schemes.REGISTRY) >= 30


@pytest.mark.parametrize("name", FOREIGN)
def test_a_hash_of_each_scheme_is_kept_and_tells_right_from_wrong(name: str) -> None:
    text = cheapest(name)
    assert schemes.check(name, text) == name
    assert schemes.verifies(name, text, SECRET), "the right secret must verify"
    assert not schemes.verifies(name, text, f"x{SECRET}")
    assert not schemes.verifies(name, text, "")


@pytest.mark.parametrize("name", FOREIGN)
def test_a_hash_cut_short_is_refused_or_opens_nothing(name: str) -> None:
    text = cheapest(name)
    taken = []
    for end in range(len(text)):
        assert not schemes.verifies(name, text[:end], SECRET), f"cut at {end}, it must not verify"
        try:
            schemes.check(name, text[:end])
        except UnusableHash:
            continue
        taken.append(end)
    allowed = {"argon2", "django_argon2", "ldap_salted_sha256", "ldap_salted_sha512"}
    assert not taken or name in allowed, f"cut at {taken}, it passes for whole (a shorter salt or digest is a hash too)"


@pytest.mark.parametrize("name", [*FOREIGN, "aspnet_identity_v3"])
@pytest.mark.parametrize("text", ["", "x", "é", "\x00", "$", "$2b$", "a" * 2000, "AQ==", "{SMD5}", "\n"])
def test_rubbish_is_refused_with_a_reason_that_does_not_repeat_it(name: str, text: str) -> None:
    with pytest.raises(UnusableHash, match="malformed hash"):
        schemes.check(name, text)
    assert not schemes.verifies(name, text, SECRET)


@pytest.mark.parametrize(
    ("name", "cheap", "dear"),
    [
        ("bcrypt", "$04$", "$14$"),
        ("ldap_bcrypt", "$04$", "$31$"),
        ("bcrypt_sha256", ",r=4$", ",r=14$"),
        ("sha512_crypt", "rounds=1000$", "rounds=1000001$"),
        ("ldap_sha256_crypt", "rounds=1000$", "rounds=999999999$"),
        ("pbkdf2_sha256", "$1$", "$2000001$"),
        ("django_pbkdf2_sha256", "$1$", "$2000001$"),
        ("grub_pbkdf2_sha512", ".1.", ".2000001."),
        ("sha1_crypt", "$1$", "$4294967295$"),
        ("phpass", "$P$5", "$P$K"),
        ("argon2", "m=64,", "m=262144,"),
        ("argon2", "t=1,", "t=100000,"),
        ("scrypt", "ln=4,", "ln=20,"),
        ("scrypt", "p=1$", "p=1000000$"),
        ("fshp", "|1}", "|1000001}"),
    ],
)
def test_a_hash_that_costs_too_much_is_refused_without_being_tried(name: str, cheap: str, dear: str) -> None:
    text = cheapest(name)
    assert cheap in text, "the example has changed"
    with pytest.raises(UnusableHash, match="work factor beyond the cap"):
        schemes.check(name, text.replace(cheap, dear))


def test_a_bcrypt_hash_ignores_what_follows_72_bytes_as_the_old_software_did() -> None:
    long = "é" * 36
    text: str = passlib.registry.get_crypt_handler("bcrypt").using(rounds=4).hash(long)
    assert schemes.verifies("bcrypt", text, long + "and more")
    assert not schemes.verifies("bcrypt", text, long[:-1])


def test_the_bug_of_a_variant_is_not_taken_for_the_real_one() -> None:
    with pytest.raises(UnusableHash):
        schemes.check("bcrypt", cheapest("bcrypt").replace("$2b$", "$2x$"))


@pytest.mark.parametrize("name", ["salted_md5", "Salted-MD5", " BCRYPT ", "aspnet_identity_v3", "PBKDF2-SHA256"])
def test_a_scheme_is_known_in_whatever_case(name: str) -> None:
    assert schemes.named(name) is not None


@pytest.mark.parametrize("name", ["", "plaintext", "ldap_plaintext", "unix_disabled", "lmhash", "md5", "../etc"])
def test_a_scheme_that_we_cannot_answer_for_is_unknown(name: str) -> None:
    with pytest.raises(UnusableHash, match="unknown scheme"):
        schemes.check(name, "x")
