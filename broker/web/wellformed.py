"""Requests that no honest browser sends are refused before any view, and any database, sees them."""

from typing import Any

from flask import Flask, abort, request

NUL = "\x00"
"""PostgreSQL's text cannot hold it."""


def install(app: Flask) -> None:
    """Answer 400 to a NUL in the address or in any parameter."""

    @app.url_value_preprocessor
    def _refuse(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # the request itself, not its proxy
        if NUL in asked.path or b"%00" in asked.query_string or (asked.method != "GET" and _has_nul(asked.form)):
            abort(400)


def _has_nul(form: Any) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in form.lists())
