"""What each worker process has once: its end tied to its parent's, and the application."""

import ctypes
import os
import signal
from functools import cache

import billiard.pool
from flask import Flask

from broker.app import create_app

PR_SET_PDEATHSIG = 1
_parent = 0


def remember_parent() -> None:
    """Called in the parent before it forks: so children know by whom they were made."""
    global _parent  # noqa: PLW0603 - inherited through the fork
    _parent = os.getpid()


def stop_without_delay() -> None:
    """Called in the parent before it forks: let a child that ends wait 1 s for its last results to be read.

    A worker told to stop may join its children without reading any more, and they would wait for the default's
    30 s. Nothing is lost: what became of a promise is in the database before a result is sent.
    """
    billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 10  # times 0.1 s


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
    return create_app()
