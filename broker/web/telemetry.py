"""Every answer is counted at the edge, by the name of its endpoint; log lines and answers share the request's id."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask, request

from config import backlog, telemetry
from config.telemetry import State

ENDPOINT = "trousseau.endpoint"
"""Where whoever answers leaves the endpoint's name."""
METHODS = {"GET", "HEAD", "POST"}
FRESH_S = 0.5


def install(app: Flask) -> None:
    """Count what the application, and whatever stands before it, answers; the last to be installed."""
    if telemetry.meter() is None:
        return

    @app.before_request
    def _name() -> None:
        request.environ[ENDPOINT] = request.endpoint or "none"

    app.wsgi_app = _counted(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's own docs do


def serve(app: Flask) -> None:
    """Answer `/metrics`, with what this application's database knows of the outbox and of the ways outside."""
    waits = _Remembered(app, backlog.by_topic)
    outbox = (
        State(f"trousseau_outbox_{name}", about, ("topic",), partial(_of_topics, waits, name))
        for name, about in (
            ("waiting", "Promises that are not done yet"),
            ("oldest_s", "For how many seconds the oldest promise that is due has waited"),
            ("stuck", "Promises that are not tried any more before a person has looked"),
        )
    )
    about = "Ways to others' servers that are left alone, or on trial, because nothing came back"
    telemetry.serve([*outbox, State("trousseau_lanes", about, ("purpose", "state"), partial(_of_lanes, app))])


class _Remembered:
    """What one statement tells, for all figures of one answer, and for whoever asks again at once."""

    def __init__(self, app: Flask, read: Callable[[], list[backlog.Waits]]) -> None:
        self._app, self._read = app, read
        self._told: list[backlog.Waits] = []
        self._at = -FRESH_S

    def rows(self) -> list[backlog.Waits]:
        if time.monotonic() - self._at >= FRESH_S:
            with self._app.app_context():
                self._told = self._read()
            self._at = time.monotonic()
        return self._told


def _of_topics(waits: _Remembered, name: str) -> Iterable[tuple[tuple[str, ...], float]]:
    return [((each.topic,), float(getattr(each, name))) for each in waits.rows()]


def _of_lanes(app: Flask) -> Iterable[tuple[tuple[str, ...], float]]:
    with app.app_context():
        return [((purpose, state), float(count)) for purpose, state, count in backlog.lanes()]


def _counted(inner: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        began, status = time.perf_counter(), "500"

        def starting(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start(line, headers, *rest)

        try:
            return inner(environ, starting)
        finally:
            method = environ["REQUEST_METHOD"]
            known = method if method in METHODS else "other"
            telemetry.request(environ.get(ENDPOINT, "none"), known, status, time.perf_counter() - began)

    return answer
