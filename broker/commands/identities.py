"""Identities."""

import json
from pathlib import Path

import click

from broker.terminal import FILE, application
from config.database import transaction


@click.group()
def identity() -> None:
    """Identities."""


@identity.command("profile")
@click.option("--email", required=True)
@click.option("--syndic", "slug", required=True, help="The syndic that may see the claims.")
@click.argument("file", type=FILE)
def identity_profile(email: str, slug: str, file: Path) -> None:
    """Set an identity's central claims from a JSON object, and release them, with its e-mail, to one syndic."""
    from broker.identities import emails, profile, releases
    from broker.identities import service as identities
    from tenants.syndics import service as syndics

    try:
        claims = json.loads(file.read_text(encoding="utf-8"))
        address = emails.parsed(email)
    except ValueError as error:
        raise click.ClickException(f"{file} is not a JSON object: {error}") from error
    with application(), transaction():
        found = identities.by_email(address.canonical) if address else None
        if found is None:
            raise click.ClickException("no identity has this address")
        profile.describe(found, claims)
        releases.release(found, syndics.get(slug).id, {*claims, *profile.OF_THE_IDENTITY})
    click.echo("The claims are set and released.")


@identity.command("remove-factors")
@click.option("--email", required=True)
def remove_factors(email: str) -> None:
    """Remove every second factor of a person who has lost them, once you are sure who is asking.

    The password stays as it is. The act is in the ledger, and the person's address is told.
    """
    from broker.identities import emails
    from broker.identities import service as identities
    from broker.identities.factors import operators

    address = emails.parsed(email)
    with application(), transaction():
        found = identities.by_email(address.canonical) if address else None
        if found is None:
            raise click.ClickException("no identity has this address")
        count = operators.remove_all(found)
    click.echo(f"Removed {count} second factors; the address was told." if count else "There was no second factor.")
