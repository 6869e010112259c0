"""The schema."""

import click

from broker.embedded import addresses
from broker.models import metadata
from broker.terminal import application, scratch
from config.database import transaction
from config.settings import SettingsError, settings


@click.group("db")
def database() -> None:
    """The schema."""


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest revision, publish the terms that ship with it, and make the key of proof files."""
    from config import schema  # Alembic: every other command does without its second

    where = addresses(settings())
    if where.owner is None:
        raise SettingsError("TROUSSEAU_MIGRATION_DATABASE_URL is needed beside TROUSSEAU_DATABASE_URL")
    schema.upgrade(where.owner, where.application, metadata)
    with application(where), transaction():
        from tenants.evidence import keys
        from tenants.terms import service as terms

        terms.publish_shipped()
        keys.first()
    click.echo("The schema is at its newest revision.")


@database.command("check")
def db_check() -> None:
    """Fail where the models say something that no revision does (on a database of its own, made and removed)."""
    from config import schema  # Alembic: every other command does without its second

    with scratch() as owner_and_application:
        owner, application = owner_and_application
        schema.upgrade(owner, application, metadata)
        missing = schema.differences(owner, metadata)
    if missing:
        raise click.ClickException("the models have no revision for: " + "; ".join(map(str, missing)))
    click.echo("The migrations match the models.")


@database.command("revise")
@click.argument("message")
def db_revise(message: str) -> None:
    """Write a new revision from what the models say (for developers)."""
    from config import schema  # Alembic: every other command does without its second

    with scratch() as owner_and_application:
        owner, application = owner_and_application
        schema.upgrade(owner, application, metadata)
        schema.revise(owner, metadata, message)
