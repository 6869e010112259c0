"""What the web server's processes load. They die with their parent, even where it was killed without a word."""

import ctypes
import gc
import multiprocessing
import os
import signal

from flask import Flask

from broker.app import create_app
from broker.web import telemetry

PR_SET_PDEATHSIG = 1


def application() -> Flask:
    """The application of one web process."""
    _die_with_parent()
    made = create_app()
    telemetry.serve(made)
    _collect_less()
    return made


def _collect_less() -> None:
    """Leave what was loaded alone for good, and look for cycles after many requests, not after each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _die_with_parent() -> None:
    """Let the kernel kill this process when its parent has gone (prctl(2)).

    SIGKILL: a worker that is only asked to end waits for its server's main process, which is no more.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid != os.getppid():  # it had gone before we asked
        os._exit(1)
