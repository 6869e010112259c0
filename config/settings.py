"""Settings: read once from the environment (`TROUSSEAU_…`), checked together, never read again per request."""

import base64
import binascii
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from environs import Env, EnvError

from config.production import faults
from config.secrets import KeyRing, random_bytes

BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,20}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""Its local part grows by a plus and 42 characters, and RFC 5321 §4.5.3.1.1 allows 64 in all."""


class SettingsError(Exception):
    """The environment does not describe a service that may start; the text names everything that is wrong."""


@dataclass(frozen=True)
class Timings:
    """Lengths of time in seconds. A demonstration shortens the waits."""

    resend_s: int
    mail_link_s: int
    legacy_lock_s: int


@dataclass(frozen=True)
class MailCaps:
    """How many mails may be promised (SECURITY R15); `asked`: where whoever asks has not proved the mailbox."""

    asked_per_address_day: int
    per_address_day: int
    per_network_hour: int
    per_syndic_hour: int


@dataclass(frozen=True)
class Argon2Cost:
    """Argon2id parameters (RFC 9106): memory in KiB, passes, lanes."""

    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides."""

    production: bool
    home: Path
    database_url: str | None
    migration_url: str | None
    redis_url: str | None
    base_url: str
    smtp_url: str
    mail_from: str
    mail_bounce: str | None
    """Where notices of delivery come back to (`config.mail.return_path`); None: to the sender, unread."""
    mail_hook_secret: str | None
    """What the mail provider shows when it hands over such a notice by HTTP; None: nobody may."""
    trusted_proxies: int
    outgoing_allowed: frozenset[str]
    connector_floor_ms: int
    second_code_days: int
    """How long a second code of an account may be used, where whoever issues it says nothing else."""
    metrics: tuple[str, int] | None
    """Host and port of `/metrics`, an internal address: it is not for the world. None: nothing is counted."""
    password_floor_ms: int
    """What a refused address takes at least (SECURITY R10): more than any password's hash, whatever its cost."""
    timings: Timings
    mail_caps: MailCaps
    argon2: Argon2Cost
    keys: KeyRing

    @property
    def https(self) -> bool:
        """Whether browsers reach us by https: cookies are then `__Host-` and Secure."""
        return self.base_url.startswith("https://")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read at the first call.

    Raises:
        SettingsError: naming everything that is missing or weak.
    """
    return read(Env(prefix=""))


def read(env: Env) -> Settings:
    """Read and check all settings.

    Raises:
        SettingsError: naming everything that is missing or weak.
    """
    production = env.str("TROUSSEAU_ENV", "development") == "production"
    _refuse_faults(env, production=production)
    home = Path(env.str("TROUSSEAU_HOME", "var")).absolute()
    return Settings(
        production=production,
        home=home,
        database_url=env.str("TROUSSEAU_DATABASE_URL", None),
        migration_url=env.str("TROUSSEAU_MIGRATION_DATABASE_URL", None),
        redis_url=env.str("TROUSSEAU_REDIS_URL", None),
        base_url=env.str("TROUSSEAU_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        smtp_url=env.str("TROUSSEAU_SMTP_URL", "smtp://127.0.0.1:8026"),
        mail_from=env.str("TROUSSEAU_MAIL_FROM", "Mon compte immobilier <ne-pas-repondre@trousseau.example>"),
        mail_bounce=_mail_bounce(env),
        mail_hook_secret=_mail_hook_secret(env),
        trusted_proxies=env.int("TROUSSEAU_TRUSTED_PROXIES", 0),
        outgoing_allowed=frozenset(env.list("TROUSSEAU_OUTGOING_ALLOWED", [])),
        connector_floor_ms=env.int("TROUSSEAU_CONNECTOR_FLOOR_MS", 150),
        second_code_days=env.int("TROUSSEAU_SECOND_CODE_DAYS", 90),
        metrics=_metrics(env),
        password_floor_ms=env.int("TROUSSEAU_PASSWORD_FLOOR_MS", 150),
        timings=_timings(env),
        mail_caps=_mail_caps(env),
        argon2=_argon2(env),
        keys=_keys(env, home, production=production),
    )


def _refuse_faults(env: Env, *, production: bool) -> None:
    """Name everything that is wrong at once: whoever installs the service mends it in one go."""
    found = faults(os.environ) if production else []
    numbers: list[Callable[[Env], object]] = [partial(_number, name) for name in NUMBERS]
    for part in (*numbers, *PARTS):
        try:
            part(env)
        except (SettingsError, EnvError) as error:
            found.append(str(error))
    if found:
        where = " in production" if production else ""
        told = "".join(f"\n  - {fault}" for fault in found)
        raise SettingsError(f"with these settings the service does not start{where} (docs/operate.md):{told}")


def _number(name: str, env: Env) -> int:
    return env.int(name, 0)


def _metrics(env: Env) -> tuple[str, int] | None:
    return _host_and_port(env.str("TROUSSEAU_METRICS", ""))


def _host_and_port(text: str) -> tuple[str, int] | None:
    """`127.0.0.1:9100`, or a port alone for the loopback."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        raise SettingsError("TROUSSEAU_METRICS must look like 127.0.0.1:9100")
    return host or "127.0.0.1", int(port)


def _timings(env: Env) -> Timings:
    return Timings(
        resend_s=env.int("TROUSSEAU_RESEND_S", 60),
        mail_link_s=env.int("TROUSSEAU_MAIL_LINK_S", 7 * 24 * 3600),
        legacy_lock_s=env.int("TROUSSEAU_LEGACY_LOCK_S", 15 * 60),
    )


def _mail_caps(env: Env) -> MailCaps:
    return MailCaps(
        asked_per_address_day=env.int("TROUSSEAU_MAILS_ASKED_PER_ADDRESS", 10),
        per_address_day=env.int("TROUSSEAU_MAILS_PER_ADDRESS", 20),
        per_network_hour=env.int("TROUSSEAU_MAILS_PER_NETWORK", 100),
        per_syndic_hour=env.int("TROUSSEAU_MAILS_PER_SYNDIC", 5000),
    )


def _mail_bounce(env: Env) -> str | None:
    address = env.str("TROUSSEAU_MAIL_BOUNCE", "")
    if address and not BOUNCE_ADDRESS.fullmatch(address):
        raise SettingsError(
            "TROUSSEAU_MAIL_BOUNCE must be an address with at most 21 letters, digits, dots or dashes before its @"
        )
    return address or None


def _mail_hook_secret(env: Env) -> str | None:
    secret = env.str("TROUSSEAU_MAIL_HOOK_SECRET", "")
    if secret and (len(secret) < 32 or not secret.isascii() or len(set(secret)) < 8):
        raise SettingsError("TROUSSEAU_MAIL_HOOK_SECRET must have at least 32 random characters (openssl rand -hex 32)")
    return secret or None


def _argon2(env: Env) -> Argon2Cost:
    return Argon2Cost(
        memory_kib=env.int("TROUSSEAU_ARGON2_MEMORY_KIB", 19 * 1024),
        passes=env.int("TROUSSEAU_ARGON2_PASSES", 2),
        lanes=env.int("TROUSSEAU_ARGON2_LANES", 1),
    )


def _keys(env: Env, home: Path, *, production: bool) -> KeyRing:
    root, ring = env.str("TROUSSEAU_ROOT_SECRET", ""), env.str("TROUSSEAU_ENCRYPTION_KEYS", "")
    if not production and not (root and ring):
        root, ring = _development_keys(home)
    return KeyRing(_decoded("TROUSSEAU_ROOT_SECRET", root), _parsed_ring(ring))


def _parsed_ring(ring: str) -> tuple[tuple[str, bytes], ...]:
    """`k2:base64,k1:base64`, the current key first."""
    pairs = [entry.partition(":") for entry in ring.split(",") if entry.strip()]
    return tuple((key_id.strip(), _decoded("TROUSSEAU_ENCRYPTION_KEYS", key)) for key_id, _, key in pairs)


def _decoded(name: str, value: str) -> bytes:
    try:
        raw = base64.b64decode(value, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != 32 or len(set(raw)) < 8:
        raise SettingsError(f"{name} must hold 32 random bytes in base64 (openssl rand -base64 32)")
    return raw


NUMBERS = (
    "TROUSSEAU_TRUSTED_PROXIES",
    "TROUSSEAU_CONNECTOR_FLOOR_MS",
    "TROUSSEAU_SECOND_CODE_DAYS",
    "TROUSSEAU_PASSWORD_FLOOR_MS",
)
PARTS: tuple[Callable[[Env], object], ...] = (_mail_bounce, _mail_hook_secret, _metrics, _timings, _mail_caps, _argon2)
"""What refuses a value by itself."""


def _development_keys(home: Path) -> tuple[str, str]:
    """Keys made at the first start and kept beside the embedded data, for this folder only."""
    path = home / "secrets.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        fresh = {"root": _fresh(), "ring": f"dev:{_fresh()}"}
        draft = home / f"secrets.{os.getpid()}.tmp"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh))
        try:
            os.link(draft, path)  # the first of two racing processes wins, and both read its keys
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = json.loads(path.read_text())
    return kept["root"], kept["ring"]


def _fresh() -> str:
    return base64.b64encode(random_bytes(32)).decode()
