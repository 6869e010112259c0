"""One program of the demonstration as a process: started, looked at, started again when it dies, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
PATIENCE_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before a dead program is started again; each death soon after another doubles them."""
LASTING_SECONDS = 30.0
"""A program that ran for so long counts as well."""


@dataclass(frozen=True)
class Program:
    """What to run: its name for people, its words after the Python interpreter, its log."""

    name: str
    words: tuple[str, ...]
    log: Path


class Running:
    """A program that is to run until it is stopped, in a session of its own: Ctrl-C reaches the launcher alone.

    To be made and used in the main thread only: see `demo.child`.
    """

    def __init__(self, program: Program, environment: Mapping[str, str]) -> None:
        self.program = program
        self._environment = environment
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None
        program.log.write_bytes(b"")
        program.log.chmod(0o600)
        self._start()

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """None while it runs; the negative number of the signal that ended it."""
        return self._process.poll()

    def children(self) -> list[int]:
        """The processes that it started itself, in the order of their starts."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []

    def tend(self) -> str | None:
        """Start it again, after a pause, when it has died; says so in a line. Returns at once.

        Raises:
            OSError: this machine can start no process now.
        """
        status = self.exit_status()
        if status is None:
            return None
        now = time.monotonic()
        if self._again_at is None:
            if now - self._started_at > LASTING_SECONDS:
                self._pause = FIRST_PAUSE
            self._again_at = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if now < self._again_at:
            return None
        dead = self.pid
        self._kill_rest()
        self._start()
        return f"{self.program.name} (pid {dead}) {_how(status)}; started again as {self.pid}."

    def ask_to_end(self) -> None:
        """Ask it to end (SIGTERM), and return at once."""
        if self.exit_status() is None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for its end until `deadline` (of the monotonic clock), then end it and all that it started."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._kill_rest()
        self._process.wait()

    def _start(self) -> None:
        words = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), sys.executable, *self.program.words]
        with self.program.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._started_at, self._again_at = time.monotonic(), None

    def _kill_rest(self) -> None:
        """What a dead process leaves in its group would hold the port that the next one needs."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def end_all(running: Iterable[Running]) -> None:
    """End them together: asked first, and after 5 s by force."""
    programs = list(running)
    for program in programs:
        program.ask_to_end()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for program in programs:
        program.end(deadline)


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
