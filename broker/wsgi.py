"""What the web server's processes load. They die with their parent, even where it was killed without a word."""

import ctypes
import signal

from flask import Flask

from broker.app import create_app

PR_SET_PDEATHSIG = 1


def application() -> Flask:
    """The application of one web process."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return create_app()
