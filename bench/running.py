"""One server as a process: started, waited for, ended. It never outlives us."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.failures import ServerError
from bench.places import ROOT

HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1
START_SECONDS, END_SECONDS, LOOK_SECONDS = 60.0, 5.0, 0.05


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])


class Running:
    """`argv` as a process of its own session: Ctrl-C reaches us alone, and we end it."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                argv,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - we have one thread
            )

    @property
    def pid(self) -> int:
        """Of the process itself."""
        return self._process.pid

    def await_answer(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        """Return once a GET of `path` is answered with 200.

        Raises:
            ServerError: it ended, or does not answer within a minute.
        """
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port, path, headers):
            if self._process.poll() is not None:
                raise ServerError("A server ended while it started.", self._log)
            if time.monotonic() > deadline:
                raise ServerError(f"A server does not answer at {path}.", self._log)
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End it and all that it started: asked first, then by force."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _answers(port: int, path: str, headers: Mapping[str, str]) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path, headers=dict(headers))
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
