"""What production refuses to start with: everything that is missing or weak, named at once, and no value shown."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from itertools import pairwise
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

KEY = "openssl rand -base64 32"
NEEDS = {
    "TROUSSEAU_DATABASE_URL": "postgresql+psycopg://role:password@host/name",
    "TROUSSEAU_REDIS_URL": "redis://host:6379/0",
    "TROUSSEAU_ROOT_SECRET": KEY,
    "TROUSSEAU_ENCRYPTION_KEYS": f"k1 and a colon, then {KEY}",
    "TROUSSEAU_BASE_URL": "the https address that browsers use",
    "TROUSSEAU_SMTP_URL": "smtp://user:password@host:587?starttls=1",
    "TROUSSEAU_MAIL_FROM": "the sender of all mails",
}
"""What must be set, and how it looks or is made."""
KEY_BYTES = 32
DISTINCT = 16
"""32 random bytes have about 30 different ones; fewer than 16 is not to be seen in a lifetime."""
SHORTEST_PASSWORD = 16
WELL_KNOWN = re.compile(
    r"postgres|password|passwort|secret|changeme|change-me|trousseau|admin|example|motdepasse", re.IGNORECASE
)
RESERVED = (".example", ".invalid", ".localhost", ".local", "example.com", "example.net", "example.org")
"""RFC 2606 and RFC 6762: names of samples, and names that no browser elsewhere finds."""
QUEUES = ("redis", "rediss", "redis+socket", "unix")
LIGHTEST_ARGON2 = 35 * 1024
"""KiB times passes: the least of the costs that OWASP's cheat sheet on password storage holds equal."""


def faults(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each setting that is missing or weak. Empty: the service may start."""
    given = {name: value for name, value in environ.items() if name.startswith("TROUSSEAU_") and value}
    parts = (_missing, _base, _databases, _queue, _keys, _mail, _costs)
    return [fault for part in parts for fault in part(given)]


def _missing(given: Mapping[str, str]) -> Iterator[str]:
    for name, how in NEEDS.items():
        if name not in given:
            yield f"{name} is missing ({how})"


def _base(given: Mapping[str, str]) -> Iterator[str]:
    name = "TROUSSEAU_BASE_URL"
    if name not in given:
        return
    parts = _split(given[name])
    if parts is None or parts.scheme != "https" or not parts.hostname:
        yield f"{name} must begin with https:// and name a host"
    elif parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        yield f"{name} must hold nothing after its host: issuers' addresses are made of it"
    elif _is_no_public_name(parts.hostname):
        yield f"{name} names a host that browsers elsewhere do not find, or a sample's"


def _databases(given: Mapping[str, str]) -> Iterator[str]:
    roles = {}
    for name in ("TROUSSEAU_DATABASE_URL", "TROUSSEAU_MIGRATION_DATABASE_URL"):
        if name in given:
            parts = _split(given[name])
            roles[name] = parts.username if parts else None
            yield from (f"{name} {fault}" for fault in _database(parts))
    if len(roles) == 2 and len(set(roles.values())) == 1:
        yield "TROUSSEAU_DATABASE_URL must name another role than TROUSSEAU_MIGRATION_DATABASE_URL"


def _database(parts: SplitResult | None) -> Iterator[str]:
    if parts is None or parts.scheme != "postgresql+psycopg":
        yield f"must begin with postgresql+psycopg:// ({NEEDS['TROUSSEAU_DATABASE_URL']})"
        return
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not parts.path.strip("/"):
        yield "must name a role and a database"
    elif user == "postgres":
        yield "must not name the superuser"
    options = parse_qs(parts.query)
    by_socket = not parts.hostname and options.get("host", [""])[0].startswith("/")
    if by_socket or options.keys() & {"passfile", "sslcert", "service"}:
        return  # the server knows who calls by other means than a password in the address
    if len(password) < SHORTEST_PASSWORD or _is_guessable(password, user):
        yield "has no password, or one that can be guessed: 16 random characters at least (openssl rand -hex 24)"


def _queue(given: Mapping[str, str]) -> Iterator[str]:
    name = "TROUSSEAU_REDIS_URL"
    parts = _split(given[name]) if name in given else None
    if name in given and (parts is None or parts.scheme not in QUEUES or not (parts.hostname or parts.path)):
        yield f"{name} must name a Redis or Valkey server ({NEEDS[name]})"


def _keys(given: Mapping[str, str]) -> Iterator[str]:
    root, ring = given.get("TROUSSEAU_ROOT_SECRET"), given.get("TROUSSEAU_ENCRYPTION_KEYS")
    if root and (fault := _key(root)):
        yield f"TROUSSEAU_ROOT_SECRET {fault} ({KEY})"
    entries = [entry.strip().partition(":") for entry in (ring or "").split(",")]
    if ring and any(not key_id or not colon for key_id, colon, _ in entries):
        yield f"TROUSSEAU_ENCRYPTION_KEYS must hold a name, a colon and a key for each (k1 and a colon, then {KEY})"
        return
    for number, (_, _, key) in enumerate(entries if ring else [], 1):
        if fault := _key(key):
            yield f"TROUSSEAU_ENCRYPTION_KEYS: key number {number} {fault} ({KEY})"
    if len({key_id for key_id, _, _ in entries}) < len(entries):
        yield "TROUSSEAU_ENCRYPTION_KEYS names two keys alike"
    values = [key for _, _, key in entries if ring]
    if len({*values, root}) < len(values) + 1:
        yield "TROUSSEAU_ROOT_SECRET and TROUSSEAU_ENCRYPTION_KEYS hold the same key twice: each must be one of its own"


def _key(text: str) -> str | None:
    """What is wrong with 32 bytes in base64 that should be random; None: nothing to be seen."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "is not base64"
    if len(raw) != KEY_BYTES:
        return f"has {len(raw)} bytes instead of {KEY_BYTES}"
    steps = {(after - before) % 256 for before, after in pairwise(raw)}
    if len(set(raw)) < DISTINCT or len(steps) < DISTINCT or all(32 <= byte < 127 for byte in raw):
        return "is not random"  # repetition, a row of numbers, or a text that somebody has thought of
    return None


def _mail(given: Mapping[str, str]) -> Iterator[str]:
    if "TROUSSEAU_SMTP_URL" in given:
        yield from (f"TROUSSEAU_SMTP_URL {fault}" for fault in _relay(_split(given["TROUSSEAU_SMTP_URL"])))
    for name in ("TROUSSEAU_MAIL_FROM", "TROUSSEAU_MAIL_BOUNCE"):
        domain = parseaddr(given.get(name, ""))[1].rpartition("@")[2]
        if name in given and (not domain or _is_no_public_name(domain)):
            yield f"{name} must hold an address of a domain of yours"


def _relay(parts: SplitResult | None) -> Iterator[str]:
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        yield f"must begin with smtp:// or smtps:// and name a host ({NEEDS['TROUSSEAU_SMTP_URL']})"
        return
    encrypted = parts.scheme == "smtps" or parse_qs(parts.query).get("starttls") == ["1"]
    if not encrypted and parts.username and not _is_loopback(parts.hostname):
        yield "has a password that would cross the network in clear: add ?starttls=1, or begin it with smtps://"
    elif not encrypted and not _is_private(parts.hostname):
        yield "sends the links of mails in clear to a host outside: add ?starttls=1, or begin it with smtps://"
    if parts.username and (not parts.password or WELL_KNOWN.fullmatch(unquote(parts.password))):
        yield "has a password that can be guessed"
    if parts.hostname.endswith(RESERVED):
        yield "names a sample's host"


def _costs(given: Mapping[str, str]) -> Iterator[str]:
    memory, passes = given.get("TROUSSEAU_ARGON2_MEMORY_KIB", "19456"), given.get("TROUSSEAU_ARGON2_PASSES", "2")
    if memory.isdecimal() and passes.isdecimal() and int(memory) * int(passes) < LIGHTEST_ARGON2:
        yield "TROUSSEAU_ARGON2_MEMORY_KIB and TROUSSEAU_ARGON2_PASSES make guessing cheap (19456 and 2 at least)"


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_guessable(password: str, user: str) -> bool:
    named = len(user) > 3 and user.lower() in password.lower()  # two letters may stand in any random row of letters
    return len(set(password)) < SHORTEST_PASSWORD // 2 or named or bool(WELL_KNOWN.search(password))


def _is_no_public_name(host: str) -> bool:
    """A name that only this network knows, or that stands in samples. An address of the internet is one, too."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or f".{host}".endswith(RESERVED)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(host: str) -> bool:
    """Whether mails to it stay within the network: by its address, or by a name that only this network knows."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".localhost"))
