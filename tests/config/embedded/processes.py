"""Looking at processes: a server's family, and waiting for what should come true."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

PATIENCE_SECONDS = 20.0


def eventually(condition: Callable[[], bool], promise: str) -> None:
    """Wait until `condition` holds, and fail with `promise` when it does not within 20 s."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, promise
        time.sleep(0.02)


def family(server_pid: int) -> list[psutil.Process]:
    """The server of that pid, its keeper and all its children."""
    server = psutil.Process(server_pid)
    keeper = server.parent()
    assert keeper is not None, "a running server has a keeper"
    return [keeper, server, *server.children(recursive=True)]


def gone(processes: Sequence[psutil.Process]) -> bool:
    """Whether none of them runs; a zombie that nobody has reaped yet does not run."""
    return not any(_runs(process) for process in processes)


def open_to_all(path: Path) -> bool:
    """Whether any user of the machine can reach and run `path`, by links too."""
    found = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in [found, *found.parents, *path.parents])


def open_interpreter() -> str:
    """An interpreter of our version that any user can run: a virtual environment's may lie below /root."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable), Path("/usr/bin", version), Path("/usr/local/bin", version)):
        if path.exists() and (os.geteuid() != 0 or open_to_all(path)):
            return str(path)
    pytest.skip(f"there is no {version} that an ordinary user can run")


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
