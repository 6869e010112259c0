"""The real worker and beat, with topics of the tests beside the product's: `python -m tests.workers.probe worker`."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from workers import __main__ as command
from workers import handlers


def answer(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Say which process acted."""
    return {"pid": os.getpid()}


def never_end(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Be busy for longer than any test."""
    threading.Event().wait()
    return {}


def await_word(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Be busy until the test has made a file."""
    while not Path(payload["file"]).exists():
        time.sleep(0.02)
    return {"pid": os.getpid()}


if __name__ == "__main__":
    handlers.register("test.answer", answer, limit=3)
    handlers.register("test.never-end", never_end, limit=3)
    for place in ("one", "two"):
        handlers.register(f"test.await-word-{place}", await_word, limit=3)
    command.main(sys.argv[1:])
