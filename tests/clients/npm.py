"""The packages of package.json, installed once into a folder that `make clean` removes."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / "var" / "clients"
OLDEST_NODE = 20
COMMAND = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")


class CannotInstallError(Exception):
    """The text says why."""


def node_modules() -> Path:
    """The folder of the installed packages; nothing is fetched when they are there already.

    Raises:
        CannotInstallError: Node.js is too old, the registry does not answer, or a package is not the locked one.
    """
    if _node_version() < OLDEST_NODE:
        raise CannotInstallError(f"openid-client needs Node.js {OLDEST_NODE} or newer")
    files = [HERE / name for name in ("package.json", "package-lock.json")]
    version = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    folder = INSTALLED / version
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes start at once
        if not (folder / ".installed").exists():
            _install(folder, files)
    return folder / "node_modules"


def _install(folder: Path, files: list[Path]) -> None:
    folder.mkdir(exist_ok=True)
    for file in files:
        shutil.copy(file, folder)
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise CannotInstallError(" ".join(done.stderr.split())[:300])
    (folder / ".installed").touch()


def _node_version() -> int:
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S607 - the Node.js of this machine
    return int(said.strip().removeprefix("v").split(".", maxsplit=1)[0])
