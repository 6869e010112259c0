"""Which syndic trusts which."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click

from broker.terminal import FILE, application
from config.database import transaction


@click.group()
def trust() -> None:
    """Which syndic trusts which."""


@trust.command("load")
@click.argument("file", type=FILE)
def trust_load(file: Path) -> None:
    """Load circles, agreements and denials from a TOML file; twice changes nothing."""
    from tenants.trust.loading import load

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not TOML: {error}") from error
    with application(), transaction():
        click.echo(str(load(content)))


@trust.command("explain")
@click.argument("one")
@click.argument("other")
def trust_explain(one: str, other: str) -> None:
    """Show what ONE and OTHER grant each other now, and why."""
    from tenants.syndics import service as syndics
    from tenants.trust import service as registry

    with application(), transaction():
        for row in registry.explain(syndics.get(one).id, syndics.get(other).id, datetime.now(UTC)):
            click.echo(str(row))
