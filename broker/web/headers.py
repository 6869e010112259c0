"""Security headers on every answer (SECURITY « Held to »)."""

import base64
import secrets

from flask import Flask, Response, g, request

HSTS = "max-age=63072000; includeSubDomains"


def nonce() -> str:
    """This answer's nonce for inline style and script elements; the same for the whole answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    return str(g.csp_nonce)


def allow_forms_to(origins: tuple[str, ...]) -> None:
    """Let this page's forms end, after redirects, at these origins: browsers apply form-action to each redirect."""
    g.form_origins = origins


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer."""

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        if https:
            headers.setdefault("Strict-Transport-Security", HSTS)
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", _policy())
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response


def _policy() -> str:
    forms = " ".join(("'self'", *g.get("form_origins", ())))
    inline = f"'nonce-{nonce()}'"
    return (
        f"default-src 'none'; style-src 'self' {inline}; script-src 'self' {inline}; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
    )
