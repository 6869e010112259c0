"""What every embedded server has: one per home, started by whoever comes first, attached to by the others."""

import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from config.embedded.errors import EmbeddedServerError
from config.embedded.kept import Command, KeptProcess
from config.embedded.lock import FamilyLock

START_SECONDS = 60.0
LEAVE_SECONDS = 10.0
PAUSE_SECONDS = 0.03


class EmbeddedServer(ABC):
    """One server for one home. The process that started it ends it; a process that attached never does.

    A fork of the launcher counts as attached. When the launcher dies, however it dies, the server goes with
    it.
    """

    label: str

    def __init__(self, home: Path, name: str) -> None:
        self._folder = home.resolve() / name
        self._lock = FamilyLock(self._folder / "lock")
        self._kept: KeptProcess | None = None

    def ensure(self) -> None:
        """Return once the server answers: the one that runs, or else a new one. Again and again if you like.

        Processes may race here: one starts the server, the others attach. The remains of a killed server are
        waited for (its last process frees the lock) and cleared away.

        Raises:
            EmbeddedServerError: it cannot start, with the end of its log; nothing is left running then.
        """
        deadline = time.monotonic() + START_SECONDS
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while not self._answers() and not self._started():
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(f"{self.label} runs for {self._folder} but does not answer.", self.log)
                time.sleep(PAUSE_SECONDS)
        except OSError as error:
            raise EmbeddedServerError(f"{self.label} cannot use its folder: {error}") from error

    def _started(self) -> bool:
        with self._lock.attempt() as lock:
            if lock is None:
                return False
            self._start(lock)
            return True

    def _start(self, lock: int) -> None:
        self.stop()  # reaps the keeper of a server that has died
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        os.close(os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600))
        command = self._prepare(lock)
        self._kept = KeptProcess(command, lock, self.log)
        try:
            self._await_answer()
        except BaseException:  # Ctrl-C too: a start that fails leaves nothing
            self.stop()
            raise

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._kept is None or self._kept.ended():
                raise EmbeddedServerError(f"{self.label} ended while it started.", self.log)
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"{self.label} does not answer after {START_SECONDS:.0f} s.", self.log)
            time.sleep(PAUSE_SECONDS)

    @property
    def log(self) -> Path:
        """The server's log, in the home. The one of the start before is `server.previous.log`."""
        return self._folder / "server.log"

    @property
    def pid(self) -> int:
        """The process id of the server, for whoever asks.

        Raises:
            EmbeddedServerError: none runs.
        """
        pid = self._running_pid()
        if pid is None:
            raise EmbeddedServerError(f"{self.label} does not run for {self._folder}.")
        return pid

    def alive(self) -> bool:
        """Whether the server runs (cheap: a look at the lock and the pid, no connection)."""
        if self._kept is not None and self._kept.ours:
            self._kept.ended()  # reaps a keeper whose server has died
        return self._running_pid() is not None

    def stop(self) -> None:
        """End the server, gently and then less so, if this object started it in this process."""
        kept, self._kept = self._kept, None
        if kept is not None and kept.ours:
            kept.stop()

    def wipe(self) -> None:
        """Remove the data of a stopped server; the next start begins with nothing.

        Raises:
            EmbeddedServerError: it still runs.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = time.monotonic() + LEAVE_SECONDS
        while not self._wiped():
            if self._answers() or time.monotonic() > deadline:
                raise EmbeddedServerError(f"{self.label} still runs for {self._folder}: its data were not removed.")
            time.sleep(PAUSE_SECONDS)

    def _wiped(self) -> bool:
        with self._lock.attempt() as lock:
            if lock is None:
                return False
            self._remove_data()
            return True

    def _running_pid(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid if self._lock.held() else None

    def __enter__(self) -> Self:
        self.ensure()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    @abstractmethod
    def _pid_file(self) -> Path:
        """The file whose first word is the pid of the server."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether a connection to the server works now."""

    @abstractmethod
    def _prepare(self, lock: int) -> Command:
        """Make all that a start needs, alone in this (the lock is held), and say what to run."""

    @abstractmethod
    def _remove_data(self) -> None:
        """Remove the data; the lock is held."""
