"""Production starts with nothing missing or weak, or not at all: real processes, one message, no value shown."""

import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.production import NEEDS, faults
from tests.deployment.files import ROOT

PROCESSES = {
    "web": ["-m", "broker", "--port", "1"],
    "worker": ["-m", "workers", "worker"],
    "beat": ["-m", "workers", "beat"],
    "migrate": [str(Path(sys.executable).with_name("trousseau")), "db", "upgrade"],
}


def _key(name: str, length: int = 32) -> str:
    """A key that looks random, and is the same in each process of a run."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()[:length]).decode()


ROOT_SECRET, RING_KEY = _key("root"), _key("ring")
GOOD = {
    "TROUSSEAU_DATABASE_URL": "postgresql+psycopg://trousseau_app:9f86d081884c7d659a2feaa0c55ad015@db/trousseau",
    "TROUSSEAU_MIGRATION_DATABASE_URL": "postgresql+psycopg://trousseau_owner:a3bf4f1b2b0b822cd15d6c15b0f00a08@db/trousseau",
    "TROUSSEAU_REDIS_URL": "redis://valkey:6379/0",
    "TROUSSEAU_ROOT_SECRET": ROOT_SECRET,
    "TROUSSEAU_ENCRYPTION_KEYS": f"k1:{RING_KEY}",
    "TROUSSEAU_BASE_URL": "https://compte.agence-du-port.fr",
    "TROUSSEAU_SMTP_URL": "smtp://relais:kR9vQ2mZ@mail.agence-du-port.fr:587?starttls=1",
    "TROUSSEAU_MAIL_FROM": "Mon compte <ne-pas-repondre@agence-du-port.fr>",
}
WEAK = {
    "TROUSSEAU_DATABASE_URL": (
        "postgresql+psycopg://trousseau_app:trousseau_app@db/trousseau",
        "postgresql+psycopg://trousseau_app@db/trousseau",
        "postgresql+psycopg://trousseau_app:postgres@db/trousseau",
        "postgresql+psycopg://trousseau_app:changemechangeme@db/trousseau",
        "postgresql+psycopg://trousseau_app:aaaaaaaaaaaaaaaaaaaaaaaa@db/trousseau",
        "postgresql+psycopg://postgres:9f86d081884c7d659a2feaa0c55ad015@db/trousseau",
        "sqlite:///trousseau.db",
        "mysql://trousseau_app:9f86d081884c7d659a2feaa0c55ad015@db/trousseau",
    ),
    "TROUSSEAU_MIGRATION_DATABASE_URL": (GOOD["TROUSSEAU_DATABASE_URL"],),
    "TROUSSEAU_REDIS_URL": ("memory://", "valkey:6379", "http://valkey"),
    "TROUSSEAU_ROOT_SECRET": (
        "short",
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(bytes(range(32))).decode(),
        base64.b64encode(b"correct horse battery staple 123").decode(),
        _key("short", 16),
        RING_KEY,
    ),
    "TROUSSEAU_ENCRYPTION_KEYS": ("k1", RING_KEY, f"k1:{RING_KEY},k1:{_key('other')}", f"k1:{RING_KEY},k2:AAAA"),
    "TROUSSEAU_BASE_URL": (
        "http://compte.agence-du-port.fr",
        "https://localhost",
        "https://127.0.0.1:8000",
        "https://10.0.0.7",
        "https://trousseau",
        "https://compte.example",
        "https://compte.agence-du-port.fr/trousseau",
    ),
    "TROUSSEAU_SMTP_URL": (
        "smtp://relais:kR9vQ2mZ@mail.agence-du-port.fr:25",
        "smtp://mail.agence-du-port.fr",
        "smtps://relais@mail.agence-du-port.fr",
        "http://mail.agence-du-port.fr",
    ),
    "TROUSSEAU_MAIL_FROM": ("ne-pas-repondre", "ne-pas-repondre@compte.example"),
    "TROUSSEAU_ARGON2_MEMORY_KIB": ("1024",),
}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_names_everything_that_is_missing_or_weak_in_one_message(process: str, tmp_path: Path) -> None:
    weak = {
        "TROUSSEAU_BASE_URL": "http://localhost:8000",
        "TROUSSEAU_DATABASE_URL": "postgresql+psycopg://trousseau_app:hunter-two@db/trousseau",
        "TROUSSEAU_ROOT_SECRET": base64.b64encode(b"correct horse battery staple 123").decode(),
        "TROUSSEAU_MAIL_HOOK_SECRET": "too-short-a-one",
        "TROUSSEAU_TRUSTED_PROXIES": "one",
        "TROUSSEAU_METRICS": "9100",
    }
    said = _refused(process, weak, tmp_path)
    missing = NEEDS.keys() - weak.keys()
    assert all(f"{name} is missing" in said for name in missing), f"all that is missing is named: {said}"
    named = weak.keys() - {"TROUSSEAU_METRICS"} | missing
    assert {line.split()[1] for line in said.splitlines() if "  - TROUSSEAU" in line} >= named - {
        "TROUSSEAU_TRUSTED_PROXIES"
    }, said
    assert "TROUSSEAU_TRUSTED_PROXIES" in said
    for value in ("hunter-two", weak["TROUSSEAU_ROOT_SECRET"], "too-short-a-one"):
        assert value not in said, "no value is shown"


def _refused(process: str, given: dict[str, str], home: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TROUSSEAU_")}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, *PROCESSES[process]],
        env={**kept, "TROUSSEAU_ENV": "production", "TROUSSEAU_HOME": str(home), **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, f"{process} does not start: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    assert not list(home.iterdir()), "nothing is written by what does not start"
    return done.stderr


def test_what_is_whole_is_not_refused() -> None:
    assert faults(GOOD) == []
    assert faults({**GOOD, "TROUSSEAU_SMTP_URL": "smtp://mail:1025"}) == [], "a catcher within the network is fine"
    by_socket = "postgresql+psycopg://trousseau_app@/trousseau?host=/run/postgresql"
    assert faults({**GOOD, "TROUSSEAU_DATABASE_URL": by_socket}) == [], "the socket knows who calls"


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WEAK.items() for value in values])
def test_each_weak_value_is_named_and_not_shown(name: str, value: str) -> None:
    found = faults({**GOOD, name: value})
    assert found, f"{name}={value} is refused"
    assert any(name in fault for fault in found), found
    secret = value.rpartition(":")[2].rpartition("@")[0] or value
    assert not any(secret in fault for fault in found if len(secret) > 8), "no value is shown"
