"""Logs: one JSON object a line, with the request's id, and without what must never be kept."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

SECRET_NAMES = re.compile(r"password|secret|token|code|cookie|authorization|verifier", re.IGNORECASE)
TALKATIVE = ("alembic", "celery", "werkzeug", "httpx2", "httpcore2", "mail.log")
"""Libraries whose information says nothing that ours does not, or holds whole addresses."""
LONGEST_CHAIN = 10
ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the values of fields named like secrets, and every e-mail address: last defence, not the first."""
    for name, value in entry.items():
        if SECRET_NAMES.search(name):
            entry[name] = "…"
        elif isinstance(value, str):
            entry[name] = ADDRESS.sub("…@…", value)
    return entry


def _traced(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put down where an exception came from and what it is, and not what it says.

    The database's own words repeat the row that they are about, a library's the address that it was given.
    """
    given = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        entry["exception"] = "\n".join(_places(error))
    return entry


def _places(error: BaseException | None) -> list[str]:
    """The chain of exceptions, each with its frames, the cause first."""
    told: list[str] = []
    while error is not None and len(told) < LONGEST_CHAIN:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        told.append("\n".join([f"{type(error).__module__}.{type(error).__qualname__}", *lines]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told[::-1]


_identifiers: list[structlog.typing.Processor] = []


def configure(*identify: structlog.typing.Processor, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's messages to standard error as JSON lines.

    `identify` adds to each line what it is about, where the process knows it.
    """
    _identifiers[:] = identify
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        *identify,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traced,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)


def request_id() -> str | None:
    """The id of the request that is answered now, or of the one whose promise is kept now."""
    entry: MutableMapping[str, Any] = {}
    for identify in (structlog.contextvars.merge_contextvars, *_identifiers):
        identify(None, "", entry)
    return entry.get("request_id")


def on_behalf_of(request: str | None, **facts: str) -> AbstractContextManager[None]:
    """Lines that are written meanwhile bear the id of that request, and these facts."""
    return structlog.contextvars.bound_contextvars(**({"request_id": request} if request else {}), **facts)


class _Handler(logging.Handler):
    """The standard library's messages, to the same place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201 - the same


class _StandardError:
    """Writes lines to whatever standard error is at that moment: under tests it is another one for each."""

    def msg(self, message: str) -> None:
        """Write one line."""
        print(message, file=sys.stderr, flush=True)  # noqa: T201 - this is where the log's lines leave

    debug = info = warning = error = critical = exception = msg


def log(name: str) -> Any:
    """A logger whose first argument is the event's name and whose keywords are its facts."""
    return structlog.get_logger(name)
