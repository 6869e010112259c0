"""The programs beside Python that a comparison needs, and how to get them."""

import json
import shutil
import subprocess

from bench.failures import BenchError
from bench.places import PEER

PROGRAMS = {
    "wrk": "Debian: apt install wrk",
    "node": "Node.js 20 or newer; Debian: apt install nodejs npm",
    "npm": "Debian: apt install npm",
}


def check(*names: str) -> None:
    """See that these programs are here.

    Raises:
        BenchError: naming every one that is missing, and how to install it.
    """
    missing = [f"{name} is missing ({PROGRAMS[name]})" for name in names if shutil.which(name) is None]
    if missing:
        raise BenchError("\n".join(missing))


def install_reference() -> None:
    """Install the reference provider at the versions that its package.json names, unless it is there.

    Raises:
        BenchError: npm could not.
    """
    wanted = json.loads((PEER / "package.json").read_text())["dependencies"]
    if all(version_of(name) == version for name, version in wanted.items()):
        return
    words = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--omit=dev"]
    done = subprocess.run(words, cwd=PEER, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise BenchError(f"npm install failed in {PEER}:\n{done.stderr[-1500:]}")


def version_of(package: str) -> str | None:
    """The installed version of an npm package of the reference, or None."""
    description = PEER / "node_modules" / package / "package.json"
    return str(json.loads(description.read_text())["version"]) if description.exists() else None
