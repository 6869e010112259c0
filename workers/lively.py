"""Whether worker or beat is at work: each touches a file of its folder, and `python -m workers.lively ROLE` looks.

For a health check: that ends with 0 where the file is fresh, and with 1 where nothing has been done for a minute, since
the process hangs or the queue does not answer. Beat asks for a sweep every 5 s, and some worker does it.
"""

import sys
import time
from pathlib import Path
from typing import Any

from config.settings import settings

FRESH_S = 60
ROLES = ("worker", "beat")


def install() -> None:
    """Let this process touch its file whenever it has done something."""
    from celery.signals import beat_init, task_postrun  # whoever only looks at a file does without its second

    task_postrun.connect(_worked)
    beat_init.connect(_beats)


def is_lively(role: str) -> bool:
    """Whether a process of that role has done something within the last minute."""
    try:
        return time.time() - _file(role).stat().st_mtime < FRESH_S
    except FileNotFoundError:
        return False


def _worked(**_: Any) -> None:
    _file("worker").touch()


def _beats(**_: Any) -> None:
    """Only beat's own messages tell of beat: workers send some, too."""
    from celery.signals import after_task_publish

    after_task_publish.connect(_beat)


def _beat(**_: Any) -> None:
    _file("beat").touch()


def _file(role: str) -> Path:
    return settings().home / f"{role}.lively"


if __name__ == "__main__":
    if sys.argv[1:] not in [[role] for role in ROLES]:
        sys.exit("usage: python -m workers.lively worker|beat")
    sys.exit(0 if is_lively(sys.argv[1]) else f"{sys.argv[1]} has done nothing for {FRESH_S} s")
