"""Where a syndic's legacy secrets are: changing it, and trying it."""

import json
import time
from pathlib import Path
from typing import Any

import click

from broker.terminal import FILE, application, show
from config.database import transaction

DIRECTORY = click.option(
    "--directory", type=FILE, help="How a directory (ldap) is laid out: a JSON file, see docs/legacy.md."
)


def read_directory(file: Path | None) -> dict[str, Any] | None:
    """A layout's file. Its fields are checked where it is registered."""
    if file is None:
        return None
    try:
        read = json.loads(file.read_text())
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file.name} is no JSON in UTF-8") from error
    if not isinstance(read, dict):
        raise click.ClickException(f"{file.name} must hold a JSON object")
    return read


@click.command("source")
@click.argument("slug")
@click.option("--connector", "kind", type=click.Choice(["imported", "http", "ldap"]), required=True)
@click.option("--connector-url", "url", help="Base address of the legacy source (http, ldap).")
@DIRECTORY
def change_source(slug: str, kind: str, url: str | None, directory: Path | None) -> None:
    """Say anew where a syndic's legacy secrets are: another address, another layout, a new password of ours there."""
    from tenants.onboarding.registration import move_source
    from tenants.syndics import service as syndics

    with application(), transaction():
        show(move_source(syndics.get(slug), kind, url, read_directory(directory)))


@click.command("try")
@click.argument("slug")
@click.argument("identifier")
@click.option("--password", is_flag=True, help="Ask for the account's password, and try that too.")
def try_source(slug: str, identifier: str, *, password: bool) -> None:
    """Ask a syndic's source what it says of an account, and how long it takes. Changes nothing, there or here."""
    from tenants.legacy.connectors.source import connector_for, described
    from tenants.legacy.identifiers import canonical_identifier
    from tenants.syndics import service as syndics

    secret = click.prompt("Password", hide_input=True, err=True) if password else None
    name = canonical_identifier(identifier)
    with application():
        with transaction():
            syndic = syndics.get(slug)
            where, connector = described(syndic.id), connector_for(syndic.id)
        begun = time.monotonic()
        with transaction():
            said: dict[str, Any] = {"status": connector.status(name)}
            if secret is not None:
                profile = connector.verify(name, secret)
                said |= {"password": "right" if profile else "wrong", "account": vars(profile) if profile else None}
        took = round((time.monotonic() - begun) * 1000)
    show({"kind": where and where["kind"], "identifier": name, **said, "ms": took})


COMMANDS = (change_source, try_source)
