"""Signing keys."""

from typing import TYPE_CHECKING, Any

import click

from broker.terminal import application, show
from config.database import transaction

if TYPE_CHECKING:
    from tenants.clients.keys import Outcome

BOTH = ("RS256", "ES256")
ALGORITHMS = click.Choice(BOTH)


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command("add")
@click.option("--syndic", "slug", required=True)
@click.option("--alg", "algorithms", type=ALGORITHMS, multiple=True, default=BOTH, show_default=True)
def keys_add(slug: str, algorithms: tuple[str, ...]) -> None:
    """Make a syndic's first signing keys, which sign at once. Where it has one, nothing changes."""
    from tenants.clients import keys as signing_keys
    from tenants.syndics import service as syndics

    with application(), transaction():
        owner = syndics.get(slug)
        done = [_told(signing_keys.first(owner.id, alg)) for alg in algorithms]
    _say(done, "is there already (to follow it: keys rotate)")


@keys.command("list")
@click.option("--syndic", "slug", required=True)
def keys_list(slug: str) -> None:
    """Show a syndic's keys as JSON: next, active, retired and revoked ones, with their times."""
    from tenants.clients.keys import described
    from tenants.syndics import service as syndics

    with application(), transaction():
        show(described(syndics.get(slug).id))


@keys.command("rotate")
@click.option("--syndic", "slug", required=True)
@click.option("--alg", "algorithms", type=ALGORITHMS, multiple=True, default=BOTH, show_default=True)
def keys_rotate(slug: str, algorithms: tuple[str, ...]) -> None:
    """Make a syndic's next keys: published now, they sign in ten minutes. Where one waits, nothing changes."""
    from tenants.clients import keys as signing_keys
    from tenants.syndics import service as syndics

    with application(), transaction():
        owner = syndics.get(slug)
        done = [_told(signing_keys.rotate(owner.id, alg)) for alg in algorithms]
    _say(done, "waits already")


@keys.command("revoke")
@click.option("--syndic", "slug", required=True)
@click.argument("kid")
def keys_revoke(slug: str, kid: str) -> None:
    """In an emergency: take all trust from the key KID at once. If it signs, a fresh one does so from now on."""
    from tenants.clients import keys as signing_keys
    from tenants.syndics import service as syndics

    with application(), transaction():
        done = signing_keys.revoke(syndics.get(slug).id, kid)
        told = _told(done) | {"successor": done.successor.kid if done.successor else None}
    _say([told], "was revoked before")


def _told(outcome: "Outcome") -> dict[str, Any]:
    key = outcome.key
    told = {"kid": key.kid, "alg": key.alg, "signs_from": key.signs_from.isoformat(), "changed": outcome.changed}
    return told | ({"revoked_at": key.revoked_at.isoformat()} if key.revoked_at else {})


def _say(done: list[dict[str, Any]], why_not: str) -> None:
    """Show what was done as JSON, and say on standard error what was not."""
    show(done)
    for key in done:
        if not key["changed"]:
            click.echo(f"{key['alg']}: {key['kid']} {why_not}. Nothing was changed.", err=True)
