"""Where valid requests are registered by their endpoints."""

from collections.abc import Callable

from tests.security.stage import Stage, pairs
from tests.security.wire import Pair, Wire

Make = Callable[[Stage], Wire]
VALID: dict[str, list[Make]] = {}
"""By endpoint. `test_every_endpoint_is_driven` compares it with the application's own map."""


def valid(endpoint: str) -> Callable[[Make], Make]:
    """Register a request."""

    def keep(make: Make) -> Make:
        VALID.setdefault(endpoint, []).append(make)
        return make

    return keep


def get(endpoint: str, path: str, *, who: str = "", **query: str) -> None:
    """Register a GET below the issuer (`path` begins with `~`) or at the portal. `who` names a stage's cookies."""

    def make(stage: Stage) -> Wire:
        given = {
            name: str(getattr(stage, value[1:])) if value.startswith("$") else value for name, value in query.items()
        }
        return Wire("GET", _path(stage, path), pairs(**given), cookies=getattr(stage, who) if who else ())

    valid(endpoint)(make)


def _path(stage: Stage, path: str) -> str:
    for name in ("confirm", "reset", "contest"):
        path = path.replace("{" + name + "}", getattr(stage, name))
    return path.replace("~", stage.path).replace("{slug}", stage.syndic.slug)


def post(endpoint: str, path: str, *, who: str = "", **form: str) -> None:
    """Register a form with its token."""

    def make(stage: Stage) -> Wire:
        values = {
            name: str(getattr(stage, value[1:])) if value.startswith("$") else value for name, value in form.items()
        }
        given = pairs(csrf_token=stage.csrf, **values)
        own = getattr(stage, who) if who else ()
        return Wire("POST", _path(stage, path), pairs(r="r" * 43), given, cookies=with_forms(stage, own))

    valid(endpoint)(make)


def with_forms(stage: Stage, own: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """A browser's cookies with that of the form token in place of its own."""
    return stage.forms + tuple(pair for pair in own if pair[0] != stage.forms[0][0])
