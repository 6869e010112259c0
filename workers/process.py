"""What each worker process has: the application, and an end that comes soon.

That a child dies with its parent, even a killed one, Celery sees to itself (PR_SET_PDEATHSIG).
"""

import os
from functools import cache

import billiard.pool
from flask import Flask

from broker.app import create_app
from broker.web import telemetry
from config.settings import settings

BEHIND = 10
"""What workers leave to others, on a machine that they share with the web processes (nice(2))."""


def stand_back(**_: object) -> None:
    """Called in the parent before it forks: who waits for a page comes before what may take a second longer."""
    os.nice(BEHIND)


def stop_without_delay(**_: object) -> None:
    """Called in the parent before it forks: let a child that ends wait 1 s for its last results to be read.

    A worker told to stop may join its children without reading any more, and they would wait for the default's
    30 s. Nothing is lost: what became of a promise is in the database before a result is sent.
    """
    billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 10  # times 0.1 s


def count(**_: object) -> None:
    """Called in each child: let monitoring see what it does."""
    if settings().metrics is not None:
        telemetry.serve(application())


@cache
def application() -> Flask:
    """The application of this process, made at first use: never before a fork, which would share its connections."""
    return create_app()
