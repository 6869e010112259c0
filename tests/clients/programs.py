"""A relying party as a program of its own: started on a free port, awaited, and stopped by its pid."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from demo import child
from tests.world import TestSyndic

PATIENCE_S = 30.0
STARTER = str(Path(child.__file__))


def surroundings(syndic: TestSyndic, url: str) -> dict[str, str]:
    """What the blocks of docs/integrate.md read from their environment."""
    return {
        "PATH": os.environ["PATH"],
        "ISSUER": syndic.issuer,
        "CLIENT_ID": syndic.client_id,
        "CLIENT_SECRET": syndic.client_secret,
        "EXTRANET": url,
        "SESSION_SECRET": "a throw-away secret of a test",
    }


@contextmanager
def running(argv: list[str], folder: Path, environment: dict[str, str], awaited: str) -> Iterator[Path]:
    """Run a program in `folder` until the block ends; begins once the address `awaited` answers. Gives its log."""
    log = folder / "program.log"
    with log.open("w") as out:
        environment = {**environment, "PYTHONPATH": str(folder)}
        words = [sys.executable, STARTER, str(os.getpid()), *argv]
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=out)  # noqa: S603 - our own words
    try:
        _await(process, awaited, log)
        yield log
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _answers(address):
        said = log.read_text(errors="replace")[-2000:]
        assert process.poll() is None, f"{address} was to answer; its program ended and said: {said}"
        assert time.monotonic() < deadline, f"{address} was to answer within {PATIENCE_S:.0f} s; it said: {said}"
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False
