"""PostgreSQL on a disk that a test can fill. As root and as anybody else: a mount namespace is all that it takes.

An ordinary user gets one in a user namespace in which it is root; the server, which refuses to be root, runs in
another one inside, where it is that user again.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from config.embedded.kept import Command
from config.embedded.postgres import EmbeddedPostgres
from tests.faults.deployment import ROOT, Deployment
from tests.faults.small_disk import ORIGINAL

ROOM_MIB = 48
"""What is free before the disk is filled."""


def is_possible() -> bool:
    """Whether this machine lets us mount a disk of our own."""
    trial = [*_namespace(), "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


class SmallDiskPostgres(EmbeddedPostgres):
    """The embedded PostgreSQL of a home, its data copied onto a small disk for as long as it runs."""

    def fill(self) -> None:
        """Leave not one byte."""
        os.kill(self.pid, signal.SIGUSR1)

    def clear(self) -> None:
        """Make room again."""
        os.kill(self.pid, signal.SIGUSR2)

    def restore(self) -> None:
        """Stop, and leave the data where they were before."""
        self.stop()
        self._data.rmdir()
        (self._place.folder / ORIGINAL).rename(self._data)

    @property
    def _pid_file(self) -> Path:
        """Of who starts the server again when it ends: the server's own is on the disk, which only they see."""
        return self._place.folder / "disk.pid"

    def _prepare(self, lock: int) -> Command:
        made = super()._prepare(lock)
        user = made.user
        size = sum(each.stat().st_size for each in self._data.rglob("*") if each.is_file()) // 2**20
        words = [sys.executable, str(ROOT / "tests/faults/small_disk.py"), str(self._data), str(size + ROOM_MIB)]
        again = (
            ["setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", "--"]
            if user is not None
            else ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}", "--"]
        )
        argv = [*_namespace(), *words, *again, *made.argv]
        return replace(made, argv=argv, user=None, pid_file=self._pid_file)


@contextmanager
def small_disk(deployment: Deployment) -> Iterator[SmallDiskPostgres]:
    """The deployment's PostgreSQL on a small disk, for as long as the block runs."""
    usual = deployment.postgres
    deployment.down.add("postgres")
    usual.stop()
    small = SmallDiskPostgres(deployment.home / "servers", in_memory=True)
    small.ensure()
    deployment.serve_from(small)
    try:
        yield small
    finally:
        deployment.down.add("postgres")
        small.restore()
        deployment.serve_from(usual)


def _namespace() -> list[str]:
    found = shutil.which("unshare") or "unshare"
    return [found, "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]
