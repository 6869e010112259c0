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


def install(app: Flask) -> None:
    """Count what the application, and whatever stands before it, answers; the last to be installed."""
    if telemetry.meter() is None:
        return

    @app.before_request
    def _name() -> None:
        request.environ[ENDPOINT] = request.endpoint or "none"

    app.wsgi_app = _counted(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's own docs do


def serve(app: Flask) -> None:
    """Answer `/metrics`, with what waits in the outbox of this application's database."""
    telemetry.serve(
        State(f"trousseau_outbox_{name}", about, ("topic",), partial(_backlog, app, name))
        for name, about in (
            ("waiting", "Promises that are not done yet"),
            ("oldest_s", "For how many seconds the oldest promise that is due has waited"),
            ("stuck", "Promises that are not tried any more before a person has looked"),
        )
    )


def _backlog(app: Flask, name: str) -> Iterable[tuple[tuple[str, ...], float]]:
    with app.app_context():
        return [((each.topic,), float(getattr(each, name))) for each in backlog.by_topic()]


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
