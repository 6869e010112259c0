"""The syndic of a request: from the address `/t/{slug}/…`, before anything else looks at it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from config.database import GONE
from tenants.clients.pictures import RegisteredSyndic
from tenants.clients.registry import ConfigurationChangedError, drop, registered, unchanged
from tenants.syndics.refusals import UnknownSyndic

View = Callable[[], ResponseReturnValue]
ANEW = 5
"""How many changes may fall into one request."""


def bind(blueprint: Blueprint) -> None:
    """Make every view of this blueprint one syndic's: `slug` leaves the view's arguments and becomes `g.syndic`."""

    @blueprint.url_value_preprocessor
    def _pull(endpoint: str | None, values: dict[str, Any] | None) -> None:
        slug = (values or {}).pop("slug", "")
        _bind(slug, rides=hasattr(current_app.view_functions.get(endpoint or ""), "rides"))

    @blueprint.url_defaults
    def _push(_endpoint: str, values: dict[str, Any]) -> None:
        if "syndic" in g:
            values.setdefault("slug", g.syndic.slug)


def rides(view: View) -> View:
    """Mark a view whose own statements tell the version of the configuration (`registry.confirm`).

    No statement is made for the version alone. Where the view worked with an old picture, it runs again on a new
    one: so it must change nothing before it has confirmed. An answer that needed no statement, mostly a refusal,
    is checked before it leaves.
    """

    @wraps(view)
    def run() -> ResponseReturnValue:
        begun = time.monotonic()
        try:
            answer = view()
        except ConfigurationChangedError:
            return _again(view)
        except GONE:
            raise  # whoever is gone cannot be asked what has changed
        except Exception:
            if unchanged(current(), since=begun):
                raise
            return _again(view)
        return answer if unchanged(g.syndic, since=begun) else _again(view)

    run.rides = True  # type: ignore[attr-defined]  # a mark for `bind`
    return run


def _again(view: View) -> ResponseReturnValue:
    """Run it on a new picture; another thread may just have put back one that was taken before the change."""
    for _ in range(ANEW):
        drop(current())
        _bind(current().slug, rides=False)
        try:
            return view()
        except ConfigurationChangedError:
            continue
    raise ConfigurationChangedError(current().slug)


def _bind(slug: str, *, rides: bool) -> None:
    syndic = registered(slug, rides=rides)
    if syndic is None:
        raise UnknownSyndic(f"no open syndic {slug!r}")
    g.syndic = syndic


def current() -> RegisteredSyndic:
    """The syndic of this request."""
    return cast("RegisteredSyndic", g.syndic)
