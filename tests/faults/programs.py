"""The real web, worker and beat, whose clock a test moves: the offset stands in a file, and `config.clock` follows it.

`granian --factory tests.faults.programs:application`, `python -m tests.faults.programs worker|beat`.
"""

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

from celery.signals import worker_process_init
from flask import Flask

from broker import wsgi
from config import clock
from workers import __main__ as command
from workers.celery_app import app as queue

OFFSET = "FAULTS_CLOCK"
VISIBILITY = "FAULTS_VISIBILITY_S"
LOOK_EVERY_S = 0.1


def application() -> Flask:
    """The web application, under the moved clock."""
    follow_the_clock()
    return wsgi.application()


def follow_the_clock(**_: object) -> None:
    """Let this process's clock follow the file, from now on."""
    file = Path(os.environ[OFFSET])
    _take(file)
    threading.Thread(target=_follow, args=(file,), daemon=True).start()


def _follow(file: Path) -> None:
    waiting = threading.Event()
    while not waiting.wait(LOOK_EVERY_S):
        _take(file)


def _take(file: Path) -> None:
    clock.shift(timedelta(seconds=float(file.read_text() or 0)))


def main(arguments: list[str]) -> None:
    """Run worker or beat as in production; a shorter visibility timeout is all that may differ."""
    worker_process_init.connect(follow_the_clock)
    follow_the_clock()
    if VISIBILITY in os.environ:
        queue.conf.broker_transport_options["visibility_timeout"] = int(os.environ[VISIBILITY])
    command.main(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
