"""Signing keys."""

import click

from broker.terminal import application, show
from config.database import transaction

ALGORITHMS = click.Choice(["RS256", "ES256"])


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command("add")
@click.option("--syndic", "slug", required=True)
@click.option("--alg", "algorithms", type=ALGORITHMS, multiple=True, default=("RS256", "ES256"), show_default=True)
def keys_add(slug: str, algorithms: tuple[str, ...]) -> None:
    """Make a syndic's signing keys."""
    from tenants.clients import service as clients
    from tenants.syndics import service as syndics

    with application(), transaction():
        owner = syndics.get(slug)
        show([{"kid": clients.add_key(owner, alg).kid, "alg": alg} for alg in algorithms])
