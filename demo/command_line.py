"""`trousseau`, called by the loader as an operator would call it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.failures import DemoError
from demo.running import CHILD

PATIENCE_SECONDS = 120.0


class CommandLine:
    """Calls of `trousseau` with one environment; several threads may call. `stop` ends those that run."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, *words: str) -> str:
        """What the command said on its standard output.

        Raises:
            DemoError: it failed, with its last words; or `stop` was called.
        """
        process = self._start(words)
        try:
            said, complained = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise DemoError(f"`trousseau {' '.join(words[:2])}` takes more than {PATIENCE_SECONDS:.0f} s.") from None
        finally:
            with self._lock:
                self._running.discard(process)
            process.kill()
        if process.returncode != 0:
            raise DemoError(f"`trousseau {' '.join(words[:2])}` failed.", details=complained)
        return said

    def ask(self, *words: str) -> Any:
        """The JSON that the command printed.

        Raises:
            DemoError: as `run` does.
        """
        return json.loads(self.run(*words))

    def stop(self) -> None:
        """End the calls that run, and refuse new ones."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _start(self, words: tuple[str, ...]) -> subprocess.Popen[str]:
        trousseau = str(Path(sys.executable).with_name("trousseau"))
        # The thread that starts it also waits for it, so the death signal of `demo.child` can follow it.
        argv: list[str | bytes] = [
            sys.executable,
            "-I",
            "-S",
            str(CHILD),
            str(os.getpid()),
            trousseau,
            *(word.encode() for word in words),
        ]
        with self._lock:
            if self._stopped:
                raise DemoError("The start was given up.")
            process = subprocess.Popen(  # noqa: S603 - our own words
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=self._environment,
                start_new_session=True,
            )
            self._running.add(process)
        return process
