"""The packages of package.json, installed once into a folder that `make clean` removes."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / "var" / "clients"
COMMAND = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")


class CannotInstallError(Exception):
    """npm failed: the text says what it said."""


def node_modules() -> Path:
    """The folder of the installed packages; nothing is fetched when they are there already.

    Raises:
        CannotInstallError: the registry does not answer, or a package is not what the lock file says.
    """
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
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CannotInstallError(done.stderr.strip()[-600:])
    (folder / ".installed").touch()
