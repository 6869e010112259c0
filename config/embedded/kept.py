"""The launcher's side of `keeper.py`: one command that never outlives the process that wanted it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.embedded.os_user import OsUser

KEEPER = Path(__file__).with_name("keeper.py")
# Nothing of the launcher's environment (PGDATA, PGPORT, LD_PRELOAD, secrets) is a server's business.
ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Command:
    """What to run: `argv`; as whom (None: as we are); what it reads; and how it ends.

    `ladder`: (signal, seconds to wait for its effect), gentlest first. `death_signal` is sent by the kernel
    if the keeper is killed. `pid_file`: where the keeper writes the pid, for programs that do not write one.
    """

    argv: Sequence[str]
    user: OsUser | None = None
    stdin: Path = Path(os.devnull)
    ladder: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 3.0),)
    death_signal: signal.Signals = signal.SIGKILL
    pid_file: Path | None = None


@dataclass
class KeptProcess:
    """A command under its keeper, both holding the family's lock, both writing to `log`."""

    command: Command
    lock: int
    log: Path
    _launcher: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        with self.command.stdin.open("rb") as stdin, self.log.open("ab") as log:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-I", "-S", str(KEEPER), json.dumps(self._orders())],
                stdin=stdin,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=(self.lock,),
                start_new_session=True,
            )

    def _orders(self) -> dict[str, Any]:
        command, user = self.command, self.command.user
        return {
            "argv": list(command.argv),
            "launcher": self._launcher,
            "lock": self.lock,
            "death_signal": command.death_signal,
            "ladder": list(command.ladder),
            "uid": user.uid if user else None,
            "gid": user.gid if user else None,
            "pid_file": str(command.pid_file) if command.pid_file else None,
        }

    @property
    def ours(self) -> bool:
        """Whether this very process started it: a fork of the launcher did not."""
        return os.getpid() == self._launcher

    def ended(self) -> bool:
        """Whether command and keeper have both gone."""
        return self._keeper.poll() is not None

    def wait(self, timeout: float) -> int:
        """The exit status of the command (128 + signal if it was killed).

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        return self._keeper.wait(timeout)

    def stop(self) -> None:
        """End the command by its ladder and return once it, its children and its keeper have gone."""
        self._keeper.terminate()
        self._keeper.wait()
