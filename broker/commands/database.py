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


@database.command("restored")
@click.option("--signs-everybody-out", "meant", is_flag=True, help="Say that you mean it.")
def db_restored(meant: bool) -> None:
    """After a restore to an earlier moment, before anybody is let in: what was used or ended since stays dead.

    Ends every session, token and attempt, raises all epochs, and enters the restore in every ledger, which it verifies.
    """
    from broker.restoring import service
    from tenants.audit import service as audit

    if not meant:
        raise click.UsageError("It ends every session, token and attempt: say --signs-everybody-out if you mean it.")
    with application(), transaction():
        done, faults = service.settle(), audit.verify()
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in the ledger")
    click.echo(
        f"Ended: {done.sessions} sessions, {done.grants} grants, {done.attempts} attempts, {done.codes} recovery codes."
        " The ledger is whole. What operators did since the backup is to be done again (docs/operate.md)."
    )
