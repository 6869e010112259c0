"""Refusals and failures as pages: the public text is shown, the private one is logged. A 500 says nothing."""

from flask import Flask, request
from flask.wrappers import Response
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from broker.web.pages import page
from config.database import GONE
from config.errors import Refusal
from config.logging import log

_log = log("web")


def install(app: Flask) -> None:
    """Map everything that can be raised to a page."""
    app.register_error_handler(Refusal, refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    for gone in GONE:
        app.register_error_handler(gone, _database_gone)
    app.register_error_handler(Exception, _unexpected)


def refusal(error: Refusal) -> Response:
    """The page of a typed refusal."""
    _log.info("refused", refusal=error.code, reason=error.private, route=_route())
    return page("error.html", error.status, message=gettext(error.public), code=error.code)


def _route() -> str:
    """The route, never the address: addresses hold the tokens of mails."""
    return request.url_rule.rule if request.url_rule else "unknown"


def _stale_form(error: CSRFError) -> Response:
    _log.info("stale_form", reason=error.description, route=_route())
    message = gettext("Cette page est restée ouverte trop longtemps. Rien n'est perdu : recommencez, s'il vous plaît.")
    return page("error.html", 400, message=message, again=request.full_path)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    message = gettext("Cette page n'existe pas.") if code == 404 else gettext("Cette demande n'a pas été comprise.")
    response = page("error.html", code, message=message)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _database_gone(error: Exception) -> Response:
    _log.error("database_unavailable", kind=type(error).__name__)
    return refusal_unavailable()


def refusal_unavailable() -> Response:
    """A plain 503 that says when to come back; it needs no database itself."""
    message = gettext("Le service est momentanément indisponible. Réessayez dans quelques minutes.")
    return page("error.html", 503, message=message)


def _unexpected(error: Exception) -> Response:
    _log.error("unexpected", kind=type(error).__name__, exc_info=error)
    message = gettext("Une erreur est survenue de notre côté. Rien n'est perdu : réessayez dans un instant.")
    return page("error.html", 500, message=message)
