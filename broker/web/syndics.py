"""The syndic of a request: from the address `/t/{slug}/…`, before anything else looks at it."""

from typing import Any, cast

from flask import Blueprint, g

from tenants.clients.registry import RegisteredSyndic, registered
from tenants.syndics.refusals import UnknownSyndic


def bind(blueprint: Blueprint) -> None:
    """Make every view of this blueprint one syndic's: `slug` leaves the view's arguments and becomes `g.syndic`."""

    @blueprint.url_value_preprocessor
    def _pull(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        slug = (values or {}).pop("slug", "")
        syndic = registered(slug)
        if syndic is None:
            raise UnknownSyndic(f"no open syndic {slug!r}")
        g.syndic = syndic

    @blueprint.url_defaults
    def _push(_endpoint: str, values: dict[str, Any]) -> None:
        if "syndic" in g:
            values.setdefault("slug", g.syndic.slug)


def current() -> RegisteredSyndic:
    """The syndic of this request."""
    return cast("RegisteredSyndic", g.syndic)
