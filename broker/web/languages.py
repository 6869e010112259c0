"""Which language a page speaks: the person's choice, what the extranet asked for, the browser's, or French."""

from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, get_locale
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from broker.web import cookies

SUPPORTED = ("fr", "en")
KEPT_S = 400 * 24 * 3600


def install(app: Flask) -> None:
    """Select the language of each request, and keep a choice made by a language link."""
    app.config.update(BABEL_DEFAULT_LOCALE="fr", BABEL_DEFAULT_TIMEZONE="Europe/Paris")
    Babel(app, locale_selector=select)
    app.jinja_env.globals["language_links"] = links
    app.jinja_env.globals["language"] = current
    app.after_request(_keep)


def current() -> str:
    """The language of this page: `fr` or `en`."""
    locale = get_locale()
    return locale.language if locale else "fr"


def prefer(tags: str) -> None:
    """Take the first supported language of a space-separated list of BCP 47 tags (`ui_locales`, OIDC Core §3.1.2.1)."""
    wanted = (tag.split("-")[0].lower() for tag in tags.split())
    g.ui_locale = next((language for language in wanted if language in SUPPORTED), None)


def select() -> str:
    """The language of this request."""
    chosen = request.args.get("lang", "") or (cookies.read("lang") or "")
    if chosen in SUPPORTED:
        return chosen
    asked = g.get("ui_locale")
    if asked:
        return str(asked)
    default = g.syndic.locale if g.get("syndic") else "fr"
    return request.accept_languages.best_match(SUPPORTED) or default


def links() -> list[tuple[str, str, str]]:
    """(code, own name, address of this page in it), for the links at the foot of every page."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    names = {"fr": "Français", "en": "English"}
    path = request.path if _can_be_opened(request.path) else "/"
    return [(code, names[code], path + "?" + urlencode([*kept, ("lang", code)])) for code in SUPPORTED]


def _can_be_opened(path: str) -> bool:
    """Whether a link may lead there: the answer to a form may stand at an address that only takes forms."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _keep(response: Response) -> Response:
    if b"lang=" not in request.query_string:
        return response
    chosen = request.args.get("lang", "")
    if chosen in SUPPORTED and request.method == "GET":
        cookies.put(response, "lang", chosen, KEPT_S)
    return response
