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
from workers.mail import transport

OFFSET = "FAULTS_CLOCK"
HASTE = "FAULTS_HASTE"
"""Set in the short form: what is waited for really, and not by the moved clock, is waited for less."""
VISIBILITY_S, SMTP_S, SMTP_TEXT_S = 3, 1, 1.5
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
    """Run worker or beat as in production; shorter timeouts are all that may differ."""
    worker_process_init.connect(follow_the_clock)
    follow_the_clock()
    if HASTE in os.environ:
        queue.conf.broker_transport_options["visibility_timeout"] = VISIBILITY_S
        transport.TIMEOUT_S, transport.TEXT_TIMEOUT_S = SMTP_S, SMTP_TEXT_S  # type: ignore[assignment]  # a fraction
    command.main(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
