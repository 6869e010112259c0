"""The hash schemes that an export may bring, and the most work that we let each cost.

A syndic chooses the work factors that our processors pay: each is capped at import to about half a second.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tenants.legacy.connectors import aspnet
from tenants.legacy.refusals import UnusableHash

MAX_HASH_CHARACTERS = 1024
ARGON2_MEMORY_KIB = 128 * 1024
ARGON2_WORK = 400_000
"""Memory in KiB times passes."""
SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024
"""128 * N * r * p (RFC 7914 §2)."""


@dataclass(frozen=True)
class Scheme:
    """One of libpass's schemes. `most` caps its rounds as the hash writes them (a logarithm for some)."""

    name: str
    most: int | None = None
    shape: str = ".*"
    """A stricter pattern where libpass takes truncated hashes."""
    longest: int | None = None
    """Bytes of the secret that count: the software that made the hash ignored the rest."""

    def check(self, text: str) -> None:
        """Refuse what is malformed or costs too much, without hashing anything.

        Raises:
            UnusableHash: with the reason.
        """
        parsed = self._parsed(text)
        if getattr(parsed, "checksum", None) is None:
            raise UnusableHash("malformed hash: it holds no digest")
        if self.most is not None and (getattr(parsed, "rounds", None) or 0) > self.most:
            raise UnusableHash("work factor beyond the cap")
        _cap_memory(parsed)

    def verifies(self, text: str, secret: str) -> bool:
        """Whether the secret is the one that was hashed. What the scheme cannot take is wrong."""
        try:
            return bool(self._handler.verify(secret.encode()[: self.longest], text))
        except (ValueError, TypeError, IndexError):
            return False

    @cached_property
    def _handler(self) -> Any:
        import passlib.registry

        return passlib.registry.get_crypt_handler(self.name)

    def _parsed(self, text: str) -> Any:
        """libpass's reading of the hash; some schemes are another one's hash behind a prefix."""
        handler = self._handler
        inner = getattr(handler, "wrapped", None)
        prefix, original = (handler.prefix, handler.orig_prefix) if inner else ("", "")
        if not text.startswith(prefix) or not re.fullmatch(self.shape, text):
            raise UnusableHash(f"malformed hash: not {self.name}")
        try:
            return (inner or handler).from_string(original + text[len(prefix) :])
        except (ValueError, TypeError, IndexError):
            raise UnusableHash(f"malformed hash: not {self.name}") from None


class AspNet:
    """ASP.NET Identity version 3, under the same two methods."""

    name = "aspnet_identity_v3"
    most = 2_000_000

    def check(self, text: str) -> None:
        """Refuse what is malformed or costs too much.

        Raises:
            UnusableHash: with the reason.
        """
        if aspnet.parse(text).iterations > self.most:
            raise UnusableHash("work factor beyond the cap")

    def verifies(self, text: str, secret: str) -> bool:
        """Whether the secret is the one that was hashed."""
        try:
            return aspnet.parse(text).verifies(secret)
        except UnusableHash:
            return False


def _cap_memory(parsed: Any) -> None:
    """Cap the schemes whose work is memory times passes."""
    memory, block = getattr(parsed, "memory_cost", 0), getattr(parsed, "block_size", 0)
    if memory > ARGON2_MEMORY_KIB or memory * (getattr(parsed, "rounds", None) or 0) > ARGON2_WORK:
        raise UnusableHash("work factor beyond the cap")
    if block and 128 * 2**parsed.rounds * block * parsed.parallelism > SCRYPT_MEMORY_BYTES:
        raise UnusableHash("work factor beyond the cap")


_BCRYPT, _PBKDF2, _CRYPT = 13, 2_000_000, 1_000_000

_BCRYPT_TEXT = r"\$2[aby]\$\d\d\$[./0-9A-Za-z]{21}[.Oeu][./0-9A-Za-z]{30}[.CGKOSWaeimquy26]"
"""Not the variant 2x, which is a bug; the last characters of salt and digest have unused bits, which are zero."""

_ALL: tuple[Scheme, ...] = (
    Scheme("bcrypt", _BCRYPT, shape=_BCRYPT_TEXT, longest=72),
    Scheme("ldap_bcrypt", _BCRYPT, shape=r"\{CRYPT\}" + _BCRYPT_TEXT, longest=72),
    Scheme("django_bcrypt", _BCRYPT, shape=r"bcrypt\$" + _BCRYPT_TEXT, longest=72),
    Scheme("bcrypt_sha256", _BCRYPT, shape=r"\$bcrypt-sha256\$.*[.Oeu]\$.*[.CGKOSWaeimquy26]"),
    Scheme("django_bcrypt_sha256", _BCRYPT, shape=r"bcrypt_sha256\$" + _BCRYPT_TEXT),
    Scheme("sha256_crypt", _CRYPT),
    Scheme("sha512_crypt", _CRYPT),
    Scheme("ldap_sha256_crypt", _CRYPT),
    Scheme("ldap_sha512_crypt", _CRYPT),
    Scheme("sha1_crypt", _CRYPT),
    Scheme("md5_crypt"),
    Scheme("ldap_md5_crypt"),
    Scheme("apr_md5_crypt"),
    Scheme("sun_md5_crypt", 80_000),
    Scheme("des_crypt"),
    Scheme("bsdi_crypt", 50_000),
    Scheme("phpass", 20, shape=r"\$[PH]\$[./0-9A-Za-z]{31}"),
    Scheme("scrypt", 20),
    Scheme("argon2"),
    Scheme("django_argon2"),
    Scheme("pbkdf2_sha1", _PBKDF2),
    Scheme("pbkdf2_sha256", _PBKDF2),
    Scheme("pbkdf2_sha512", _PBKDF2),
    Scheme("ldap_pbkdf2_sha1", _PBKDF2),
    Scheme("ldap_pbkdf2_sha256", _PBKDF2),
    Scheme("ldap_pbkdf2_sha512", _PBKDF2),
    Scheme("django_pbkdf2_sha1", _PBKDF2),
    Scheme("django_pbkdf2_sha256", _PBKDF2),
    Scheme("cta_pbkdf2_sha1", _PBKDF2),
    Scheme("dlitz_pbkdf2_sha1", _CRYPT, shape=r".*\$[./0-9A-Za-z]{32}"),
    Scheme("grub_pbkdf2_sha512", _PBKDF2),
    Scheme("atlassian_pbkdf2_sha1"),
    Scheme("fshp", _CRYPT),
    Scheme("django_salted_md5"),
    Scheme("django_salted_sha1"),
    Scheme("ldap_md5", shape=r"\{MD5\}[A-Za-z0-9+/]{22}=="),
    Scheme("ldap_sha1", shape=r"\{SHA\}[A-Za-z0-9+/]{27}="),
    Scheme("ldap_salted_md5"),
    Scheme("ldap_salted_sha1"),
    Scheme("ldap_salted_sha256"),
    Scheme("ldap_salted_sha512"),
    Scheme("hex_md5"),
    Scheme("hex_sha1"),
    Scheme("hex_sha256"),
    Scheme("hex_sha512"),
    Scheme("mssql2000"),
    Scheme("mssql2005"),
    Scheme("mysql323"),
    Scheme("mysql41"),
    Scheme("oracle11"),
    Scheme("nthash"),
)

_ALIASES = {"salted_md5": "ldap_salted_md5", "salted_sha1": "ldap_salted_sha1", "aspnet_identity": AspNet.name}

REGISTRY: dict[str, Scheme | AspNet] = {scheme.name: scheme for scheme in _ALL} | {AspNet.name: AspNet()}


def named(name: str) -> Scheme | AspNet | None:
    """The scheme that an export names, in any case, with `-` or `_`; None where we know none such."""
    plain = name.strip().lower().replace("-", "_")
    return REGISTRY.get(_ALIASES.get(plain, plain))


def check(scheme: str, text: str) -> str:
    """The registered name of the scheme of a hash that may be kept.

    Raises:
        UnusableHash: unknown scheme, malformed or truncated hash, work factor beyond the cap.
    """
    known = named(scheme)
    if known is None:
        raise UnusableHash("unknown scheme")
    if len(text) > MAX_HASH_CHARACTERS:
        raise UnusableHash("malformed hash: too long")
    known.check(text)
    return known.name


def verifies(scheme: str, text: str, secret: str) -> bool:
    """Whether the secret is the one behind a kept hash."""
    known = named(scheme)
    return known is not None and known.verifies(text, secret)
