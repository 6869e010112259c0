"""What each worker process has once: its end tied to its parent's, and the application."""

import ctypes
import os
import signal
from functools import cache

from flask import Flask

PR_SET_PDEATHSIG = 1


_parent = 0


def remember_parent(**_: object) -> None:
    """Called in the parent, before it forks: its children will know by whom they were made."""
    global _parent  # noqa: PLW0603 - inherited through the fork
    _parent = os.getpid()


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent has gone, however it went (prctl(2); Linux).

    A killed worker would otherwise leave children behind that go on taking messages.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != _parent:  # it had gone before we asked
        os._exit(1)


@cache
def application() -> Flask:
    """The application of this process, made at first use: never before a fork, which would share its connections."""
    from broker.app import create_app

    return create_app()
