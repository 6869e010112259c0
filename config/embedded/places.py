"""Where a server keeps its data and its socket, so that it can reach them and nobody else can.

- An ordinary user: in a folder below the home, 0700.
- root: the home may be below /root, which the server's user cannot enter, and nobody's folders are opened for
  it. So the data are in a folder of our own in /var/lib, named after the home.
- In memory: the same in /dev/shm.
Data kept elsewhere than in the home carry a stamp that the home has too: when the home was deleted and made
again, the old data are not taken for the new home's.
"""

import hashlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedServerError
from config.embedded.os_user import OsUser

MEMORY = Path("/dev/shm")  # noqa: S108 - `own_folder` refuses a folder that somebody else made
ROOT_BASE = Path("/var/lib/trousseau")
SOCKETS = Path("/tmp")  # noqa: S108 - not $TMPDIR: all processes of a home must agree, whatever their environment
SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path, less its final zero: unix(7)


@dataclass(frozen=True)
class Place:
    """The folder of one server's data, for the home whose own folder is `home`."""

    home: Path
    folder: Path
    user: OsUser | None
    forgetful: bool

    def prepare(self) -> None:
        """Make the folder, empty of what another home of the same name left.

        Raises:
            EmbeddedServerError: somebody else owns it, or the home was moved away from its data.
        """
        if self.folder != self.home:
            self._claim()
        own_folder(self.folder, 0o700 if self.user is None else 0o711)

    def _claim(self) -> None:
        ours, theirs = self._stamp, self.folder / "stamp"
        if not ours.exists():
            self.remove()
        elif not theirs.exists() and not self.forgetful:
            raise EmbeddedServerError(
                f"The data of {self.home} are not in {self.folder}: was one of them moved or deleted? "
                f"Put them back, or remove {ours} to begin anew."
            )
        if not ours.exists() or not theirs.exists() or ours.read_text() != theirs.read_text():
            self._stamp_both(secrets.token_hex(16))

    def _stamp_both(self, mark: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.parent == ROOT_BASE:
            own_folder(ROOT_BASE, 0o755)
        own_folder(self.folder, 0o700)
        (self.folder / "stamp").write_text(mark)
        self._stamp.write_text(mark)

    @property
    def _stamp(self) -> Path:
        return self.home / f"stamp.{self.folder.parent.name}"

    def remove(self) -> None:
        """Remove data, socket and stamp; the home's own folder stays, with its lock and log."""
        self._stamp.unlink(missing_ok=True)
        for folder in [self.folder / "data", self.folder / "data.new", self.socket_folder]:
            shutil.rmtree(folder, ignore_errors=True)
        if self.folder != self.home:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def socket_folder(self) -> Path:
        """Where the sockets go: beside the data if that makes a path short enough, else in /tmp."""
        return socket_folder(self.folder)

    def make_socket_folder(self) -> None:
        """Make the folder of the sockets, for the server and the launching user only."""
        if self.socket_folder.parent == self.folder:
            self.give(self.socket_folder)
        else:  # never so for root, whose places have short names
            own_folder(self.socket_folder, 0o700)

    def give(self, folder: Path) -> None:
        """Make `folder`, if need be, with 0700 for the server's user (root enters all the same)."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None:
            os.chown(folder, self.user.uid, self.user.gid)


def database_place(home: Path, user: OsUser | None, *, in_memory: bool) -> Place:
    """The place of the database of the home whose folder is `home`."""
    forgetful = in_memory and MEMORY.is_dir()
    folder = home
    if forgetful:
        folder = MEMORY / f"trousseau-{os.geteuid()}-{_short(home)}"
    elif user is not None:
        folder = ROOT_BASE / _short(home)
    return Place(home, folder, user, forgetful)


def socket_folder(beside: Path) -> Path:
    """Where sockets of the server whose data are in `beside` go."""
    near = beside / "socket"
    if len(os.fsencode(near / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES:
        return near
    return SOCKETS / f"trousseau-{os.geteuid()}-{_short(beside)}"


def own_folder(folder: Path, mode: int) -> None:
    """Make `folder`, or check that it is ours: in /tmp and /dev/shm anybody could have made it first.

    Raises:
        EmbeddedServerError: it is a link, or somebody else's.
    """
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedServerError(f"{folder} belongs to somebody else. Remove it, or choose another TROUSSEAU_HOME.")
    folder.chmod(mode)


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
