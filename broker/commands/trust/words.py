"""What the commands of the registry read from their arguments: syndics by slug, instants, who acts, examples."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from inspect import cleandoc
from typing import Any

import click

from tenants.trust.models import PURPOSES

PLATFORM = "platform"
PURPOSE = click.Choice(PURPOSES)


class Instant(click.ParamType[datetime]):
    """ISO 8601, as `2027-01-01` (midnight UTC) or `2027-01-01T09:00:00+01:00`."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, with its zone."""
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date: write 2027-01-01, or 2027-01-01T09:00:00+01:00", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=UTC)


INSTANT = Instant()


def id_of(slug: str) -> uuid.UUID:
    """The syndic's id.

    Raises:
        UnknownSyndic: there is none.
    """
    from tenants.syndics import service as syndics

    return syndics.get(slug).id


def ids_of(slugs: tuple[str, ...]) -> list[uuid.UUID]:
    """The ids of several syndics.

    Raises:
        UnknownSyndic: one of them is none.
    """
    return [id_of(slug) for slug in slugs]


def actor(name: str) -> uuid.UUID:
    """Who acts: a syndic, or the platform.

    Raises:
        UnknownSyndic: neither.
    """
    from tenants.audit.models import PLATFORM as CHAIN

    return CHAIN if name == PLATFORM else id_of(name)


def with_examples(*lines: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add examples to a command's help, each on a line of its own."""

    def added(function: Callable[..., Any]) -> Callable[..., Any]:
        shown = "\n".join(["\b", "Examples:", *(f"  trousseau trust {line}" for line in lines)])
        function.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\n{shown}"
        return function

    return added
