"""Flask, without what this application never needs on the way of every request."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask import Response as FlaskResponse
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter


class Answer(FlaskResponse):
    """A response whose headers go out as they are: no view of ours needs its addresses completed."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """The headers with the body's length."""
        location = self.headers.get("Location")
        if self.status_code < 200 or self.status_code in {204, 304} or (location and not location.isascii()):
            return super().get_wsgi_headers(environ)
        if self.is_sequence and "Content-Length" not in self.headers:
            self.headers.add("Content-Length", str(sum(map(len, self.response))))
        return self.headers


class Application(Flask):
    """The web application's class."""

    response_class = Answer
    base_host = ""
    """The host of the settings: what the Host header says is never asked (SECURITY « Held to »)."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: no view of ours is asynchronous."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match the path alone, and build addresses on the host of the settings."""
        if request is None:
            return super().create_url_adapter(None)
        return self.url_map.bind(
            self.base_host,
            script_name=request.root_path,
            url_scheme=request.scheme,
            default_method=request.method,
            path_info=request.path,
            query_args=request.query_string.decode("latin-1"),
        )
