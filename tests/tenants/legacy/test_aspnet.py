"""ASP.NET Identity version 3 against blobs made here by hand, and one that its authors publish."""

import base64
import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.legacy.connectors import schemes
from tenants.legacy.refusals import UnusableHash

NAME = "aspnet_identity_v3"
PUBLISHED = "AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ="
"""From the tests of ASP.NET Core: SHA-256, 250,000 iterations, 256 bits of salt, for `my password`."""


def blob(secret: str, prf: int, iterations: int, salt: bytes, length: int = 32) -> bytes:
    """A blob made from the format's description alone."""
    name = ("sha1", "sha256", "sha512")[prf]
    return (
        struct.pack(">BIII", 1, prf, iterations, len(salt))
        + salt
        + hashlib.pbkdf2_hmac(name, secret.encode("utf-8"), salt, iterations, length)
    )


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_the_published_blob_verifies() -> None:
    assert schemes.check(NAME, PUBLISHED) == NAME
    assert schemes.verifies(NAME, PUBLISHED, "my password")
    assert not schemes.verifies(NAME, PUBLISHED, "My password")


@given(
    secret=st.text(st.characters(codec="utf-8")),
    other=st.text(st.characters(codec="utf-8")),
    prf=st.integers(0, 2),
    iterations=st.integers(1, 50),
    salt=st.binary(min_size=16, max_size=64),
)
def test_a_blob_verifies_its_own_secret_and_no_other(
    secret: str, other: str, prf: int, iterations: int, salt: bytes
) -> None:
    made = text(blob(secret, prf, iterations, salt))
    assert schemes.check(NAME, made) == NAME
    assert schemes.verifies(NAME, made, secret)
    assert schemes.verifies(NAME, made, other) == (other == secret)


@given(end=st.integers(0, 60), prf=st.integers(0, 2))
def test_a_blob_cut_short_is_refused_though_its_beginning_would_match(end: int, prf: int) -> None:
    cut = text(blob("secret", prf, 10, b"s" * 16)[:end])
    with pytest.raises(UnusableHash):
        schemes.check(NAME, cut)
    assert not schemes.verifies(NAME, cut, "secret")


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00" + blob("secret", 1, 10, b"s" * 16)[1:],
        blob("secret", 1, 10, b"s" * 8),
        blob("secret", 1, 10, b"s" * 16, length=16),
        blob("secret", 1, 10, b"s" * 16, length=64),
        struct.pack(">BIII", 1, 3, 10, 16) + b"s" * 48,
        struct.pack(">BIII", 1, 1, 0, 16) + b"s" * 48,
        struct.pack(">BIII", 1, 1, 10, 2**32 - 1) + b"s" * 48,
    ],
    ids=[
        "version 2",
        "short salt",
        "short output",
        "long output",
        "unknown PRF",
        "no iteration",
        "salt beyond the end",
    ],
)
def test_what_the_software_never_wrote_is_refused(raw: bytes) -> None:
    with pytest.raises(UnusableHash, match="malformed hash"):
        schemes.check(NAME, text(raw))


def test_more_iterations_than_the_cap_are_refused_without_being_tried() -> None:
    raw = struct.pack(">BIII", 1, 2, 2_000_001, 16) + b"s" * 48
    with pytest.raises(UnusableHash, match="work factor beyond the cap"):
        schemes.check(NAME, text(raw))
