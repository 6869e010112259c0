"""Security headers on every answer (SECURITY « Held to »)."""

import base64
import re
import secrets
from collections.abc import Iterable

from flask import Flask, Response, g, request

PERMISSIONS = "camera=(), geolocation=(), microphone=()"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Their body is never shown."""
HSTS = "max-age=63072000; includeSubDomains"
ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
"""What an address begins with, if it can stand in a policy without being more than one source."""


def nonce() -> str:
    """This answer's nonce for inline style and script elements; the same for the whole answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    return str(g.csp_nonce)


def allow_forms_to(origins: tuple[str, ...]) -> None:
    """Let this page's forms end, after redirects, at these origins: browsers apply form-action to each redirect."""
    g.form_origins = _origins(origins)


def allow_frames_of(addresses: Iterable[str]) -> None:
    """Let this page load these addresses in frames, and nothing of other origins."""
    g.frame_origins = _origins(addresses)


def always(*, https: bool) -> list[tuple[str, str]]:
    """The headers of every answer."""
    strict = [("Strict-Transport-Security", HSTS)] if https else []
    return [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), *strict]


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer, but where a view has said something else."""
    of_all = always(https=https)
    of_pages = [("Cross-Origin-Opener-Policy", "same-origin"), ("Permissions-Policy", PERMISSIONS)]

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.extend(of_all)
        if response.mimetype == "text/html" and response.status_code not in REDIRECTS:
            headers.extend(of_pages)
            if "Content-Security-Policy" not in headers:
                headers.add("Content-Security-Policy", _policy())
        if "Cache-Control" not in headers and request.endpoint != "static":
            headers.add("Cache-Control", "no-store")
        return response


def _policy() -> str:
    forms = " ".join(("'self'", *g.get("form_origins", ())))
    frames = " ".join(g.get("frame_origins", ())) or "'none'"
    inline = f"'nonce-{nonce()}'"
    return (
        f"default-src 'none'; style-src 'self' {inline}; script-src 'self' {inline}; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; frame-src {frames}; form-action {forms}; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


def _origins(addresses: Iterable[str]) -> tuple[str, ...]:
    """The origins of these addresses: a client's word never becomes a directive of ours."""
    found = (ORIGIN.match(address) for address in addresses)
    return tuple(sorted({match.group() for match in found if match}))
