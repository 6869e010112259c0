"""Seen from outside: alive, and ready."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from broker.web.pages import RETRY_AFTER_S
from config import schema
from config.database import GONE, db
from config.logging import log

FRESH_S = 2.0
"""So long an answer is given again: however often balancers ask, the database is asked every other second."""
logger = log("health")
blueprint = Blueprint("health", __name__)


@dataclass(frozen=True)
class Readiness:
    """Whether requests are welcome, and what is said of it: words and revisions, no address and no error text."""

    ready: bool
    told: dict[str, Any]


class _Remembered:
    """The last answer of one application; one thread asks, the others wait for it."""

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._last: Readiness | None = None
        self._at = 0.0

    def now(self) -> Readiness:
        with self._alone:
            if self._last is None or time.monotonic() - self._at >= FRESH_S:
                self._last, self._at = _asked(), time.monotonic()
            return self._last


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers, and its schema is what this program needs. Otherwise 503, naming what is missing."""
    remembered: _Remembered = current_app.extensions.setdefault("trousseau_readiness", _Remembered())
    found = remembered.now()
    if found.ready:
        return jsonify(status="ready", **found.told)
    return jsonify(status="not ready", **found.told), 503, {"Retry-After": str(RETRY_AFTER_S)}


def _asked() -> Readiness:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            standing = schema.standing(connection)
    except GONE as error:
        logger.warning("not_ready", database="unreachable", kind=type(error).__name__)
        return Readiness(ready=False, told={"database": "unreachable"})
    told = {"database": "reachable", "migrations": standing.state}
    if standing.state != "current":
        told |= {"database_at": standing.database, "program_at": standing.program}
        logger.warning("not_current", **told)
    return Readiness(ready=standing.state != "behind", told=told)
