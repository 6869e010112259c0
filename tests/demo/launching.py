"""A launcher as a person starts it, in a folder and on ports of its own."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil

from config.embedded.postgres import EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).parents[2]
OFFSETS = (0, 25, 26, 101, 102, 103, 104)
PATIENCE_SECONDS = 120.0
Found = TypeVar("Found")


class Launcher:
    """One folder in which demonstrations are started one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.manifest_file = folder / "manifest.json"
        self._process: subprocess.Popen[str] | None = None

    def start(self, **settings: str) -> subprocess.Popen[str]:
        """Start it with nothing in its environment but what is said here, as the leader of a foreground group."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": os.environ.get("HOME", "/"),
            "PORT": str(self.port),
            "TROUSSEAU_DEMO_HOME": str(self.folder),
            **settings,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "demo.launcher"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, **settings: str) -> tuple[int, str]:
        """Start one that is expected to end by itself: its exit status and all it said."""
        process = self.start(**settings)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said

    def stay(self, **settings: str) -> None:
        """Start one that stays, and return once its manifest is there."""
        self._process = self.start(**settings)
        eventually("the manifest of a started demonstration", self._is_ready)

    def manifest(self) -> dict[str, Any]:
        """What the manifest says now."""
        found: dict[str, Any] = json.loads(self.manifest_file.read_text("utf-8"))
        return found

    def family(self) -> list[psutil.Process]:
        """The launcher and all that descend from it."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    @property
    def process(self) -> subprocess.Popen[str]:
        """The one that stays."""
        assert self._process is not None, "a demonstration was started"
        return self._process

    def interrupt(self) -> str:
        """Press Ctrl-C: the whole foreground group gets the signal. What it had said when it was over."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self._over()

    def kill(self) -> None:
        """End the launcher without a word, and nobody else."""
        self.process.kill()
        self._over()

    def clear(self) -> None:
        """End what still runs, and remove the data, which a server of root's keeps outside the folder."""
        if self._process is not None and self._process.poll() is None:
            self.interrupt()
        EmbeddedPostgres(self.folder / "home").wipe()
        EmbeddedValkey(self.folder / "home").wipe()

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the demonstration was to start, and said: {self._over()}")
        return self.manifest_file.exists()

    def _over(self) -> str:
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return said


def eventually(what: str, condition: Callable[[], Found]) -> Found:
    """The condition's answer once it is true; fails, saying what was awaited, if it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not in {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.05)
    return found


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs; a zombie does not."""
    return not [each for each in processes if each.is_running() and _status(each) != psutil.STATUS_ZOMBIE]


def free_port() -> int:
    """A port whose followers are free as well, below those that the system gives to outgoing connections (ip(7))."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        if all(_is_free(port + offset) for offset in OFFSETS):
            return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE
